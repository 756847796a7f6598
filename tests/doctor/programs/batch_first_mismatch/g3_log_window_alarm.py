"""Log alarm: was the lock released before the flush (bad) or after it (fine)?

Every window holds 14 event ids, among them one FLUSH and one UNLOCK; the rest is chatter.
"""
import argparse
import random

import torch
from torch import nn, optim

EVENTS = ["FLUSH", "UNLOCK"] + [f"EV{i:02d}" for i in range(18)]
WINDOW = 14


def sample_window(rnd):
    window = [rnd.randrange(2, len(EVENTS)) for _ in range(WINDOW)]
    a, b = rnd.sample(range(WINDOW), 2)
    window[a], window[b] = 0, 1
    return window, float(b < a)


class LogAlarm(nn.Module):
    def __init__(self, n_events, emb=12, hid=24):
        super().__init__()
        self.lookup = nn.Embedding(n_events, emb)
        # fault:
        self.gru = nn.GRU(emb, hid)
        # mended:
        # self.gru = nn.GRU(emb, hid, batch_first=True)
        # end
        self.score = nn.Linear(hid, 1)

    def forward(self, windows):                     # windows: batch x 14
        output, _ = self.gru(self.lookup(windows))
        return self.score(output[:, -1, :])[:, 0]


def run(args):
    torch.manual_seed(args.seed)
    rnd = random.Random(args.seed)
    rows = [sample_window(rnd) for _ in range(args.rows)]
    x = torch.tensor([w for w, _ in rows])
    y = torch.tensor([t for _, t in rows])
    n_test = args.rows // 6
    x_test, y_test, x, y = x[:n_test], y[:n_test], x[n_test:], y[n_test:]

    net = LogAlarm(len(EVENTS))
    opt = optim.RMSprop(net.parameters(), lr=args.lr)
    bce = nn.BCEWithLogitsLoss()
    for ep in range(1, args.epochs + 1):
        net.train()
        seen, acc_loss = 0, 0.0
        for idx in torch.randperm(len(x)).split(args.bs):
            opt.zero_grad()
            loss = bce(net(x[idx]), y[idx])
            loss.backward()
            opt.step()
            acc_loss += loss.item() * len(idx)
            seen += len(idx)
        net.eval()
        with torch.no_grad():
            p = torch.cat([net(c) for c in x_test.split(args.bs)]) > 0
        print(f"epoch {ep:2d}  train loss {acc_loss / seen:.4f}  test accuracy {(p == y_test.bool()).float().mean():.4f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--rows", type=int, default=2400)
    ap.add_argument("--epochs", type=int, default=4)
    ap.add_argument("--bs", type=int, default=32)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--seed", type=int, default=19)
    run(ap.parse_args())
