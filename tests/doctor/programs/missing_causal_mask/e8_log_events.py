"""Next-event model over server log templates; used to flag surprising lines."""
import argparse
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

EVENTS = """BOOT NET_UP DHCP_OK DHCP_FAIL AUTH_OK AUTH_FAIL LOCKOUT OPEN READ WRITE FLUSH CLOSE
DISK_WARN DISK_ERR RETRY REMOUNT GC_START GC_END TIMEOUT RECONNECT SHUTDOWN""".split()
ID = {e: i + 1 for i, e in enumerate(EVENTS)}      # 0 is the start mark
START = 0


def session(rng, length):
    """random walk with short routines; a routine is finished before the next one begins"""
    routines = [
        (["AUTH_OK", "OPEN", "READ", "CLOSE"], 4), (["AUTH_OK", "OPEN", "WRITE", "FLUSH", "CLOSE"], 3),
        (["AUTH_FAIL", "AUTH_FAIL", "AUTH_FAIL", "LOCKOUT"], 1), (["GC_START", "GC_END"], 2),
        (["DISK_WARN", "DISK_ERR", "RETRY", "REMOUNT"], 1), (["TIMEOUT", "RECONNECT", "DHCP_OK"], 2),
        (["DHCP_FAIL", "RETRY", "DHCP_OK", "NET_UP"], 1), (["SHUTDOWN", "BOOT", "NET_UP", "DHCP_OK"], 1),
    ]
    out = []
    while len(out) < length:
        out += rng.choices([r for r, _ in routines], [w for _, w in routines])[0]
    shift = rng.randrange(3)
    return [ID[e] for e in (out + out)[shift:shift + length]]


class EventLM(nn.Module):
    def __init__(self, n, length, d=32, heads=2, ff=64, layers=2, p=0.1):
        super().__init__()
        self.tok = nn.Embedding(n, d)
        self.pos = nn.Embedding(length, d)
        block = nn.TransformerEncoderLayer(d, heads, ff, dropout=p, batch_first=True)
        self.body = nn.TransformerEncoder(block, layers)
        self.head = nn.Linear(d, n)

    def forward(self, ids):
        t = ids.size(1)
        x = self.tok(ids) + self.pos(torch.arange(t))
        # fault:
        return self.head(self.body(x))
        # mended:
        #ahead = torch.triu(torch.ones(t, t, dtype=torch.bool), diagonal=1)
        #return self.head(self.body(x, mask=ahead))
        # end


def next_event_accuracy(model, rows, places):
    """what the monitor does live: given the lines so far, which line comes next"""
    model.eval()
    right = total = 0
    with torch.no_grad():
        for t in places:
            guess = model(rows[:, :t])[:, -1].argmax(-1)
            right += (guess == rows[:, t]).sum().item()
            total += len(rows)
    return right / total


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--sessions", type=int, default=560)
    ap.add_argument("--length", type=int, default=16)
    ap.add_argument("--epochs", type=int, default=11)
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--seed", type=int, default=8)
    a = ap.parse_args()
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    unique = {}
    while len(unique) < a.sessions:
        unique[tuple([START] + session(rng, a.length))] = True
    data = torch.tensor(list(unique))
    n_dev = a.sessions // 5
    train, dev = data[n_dev:], data[:n_dev]
    model = EventLM(len(EVENTS) + 1, a.length)
    opt = torch.optim.Adam(model.parameters(), lr=a.lr)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, a.lr, total_steps=a.epochs * -(-len(train) // 32))
    for ep in range(a.epochs):
        model.train()
        tot = 0.0
        for rows in train[torch.randperm(len(train))].split(32):
            out = model(rows[:, :-1])
            loss = F.cross_entropy(out.transpose(1, 2), rows[:, 1:])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            tot += loss.item() * len(rows)
        model.eval()
        with torch.no_grad():
            dl = F.cross_entropy(model(dev[:, :-1]).transpose(1, 2), dev[:, 1:]).item()
        print(f"epoch {ep:2d}  loss {tot / len(train):.3f}  dev loss {dl:.3f}")
    places = range(4, a.length + 1)
    top = train[:, 1:].flatten().mode().values
    print("most frequent event: %.3f" % (dev[:, 4:] == top).float().mean())
    print("next-event accuracy, train: %.3f" % next_event_accuracy(model, train, places))
    print("next-event accuracy, dev:   %.3f" % next_event_accuracy(model, dev, places))


if __name__ == "__main__":
    main()
