"""Support desk: to which queue does a ticket go?

The message alone is often vague ("it does not work"), the customer's earlier tickets tell what it is about.
"""
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

QUEUES = ["network", "billing", "hardware", "accounts"]
SPECIFIC = {
    "network": ["vpn", "wifi", "router", "latency", "dns", "firewall"],
    "billing": ["invoice", "refund", "charge", "payment", "receipt", "vat"],
    "hardware": ["laptop", "screen", "keyboard", "battery", "dock", "printer"],
    "accounts": ["password", "login", "reset", "locked", "profile", "username"],
}
VAGUE = ["it", "still", "not", "working", "please", "help", "again", "same", "problem", "as", "before", "urgent", "hello", "thanks"]
EVENTS = ["<none>", "<open>"] + [f"{q}/{k}" for q in QUEUES for k in ("new", "waiting", "solved", "reopened")]
EV = {e: i for i, e in enumerate(EVENTS)}
TOKENS = ["<none>"] + VAGUE + [w for ws in SPECIFIC.values() for w in ws]
TOK = {t: i for i, t in enumerate(TOKENS)}


def draw(rng):
    queue = rng.choice(QUEUES)
    new_customer = rng.random() < 0.15
    past = []
    if not new_customer:
        # "reopened" marks the matter that the customer still writes about
        for q in rng.sample(QUEUES, rng.randint(1, 4)):
            if q != queue:
                past.append(f"{q}/{rng.choice(['new', 'waiting', 'solved'])}")
        past.insert(rng.randint(0, len(past)), f"{queue}/reopened")
    msg = [rng.choice(VAGUE) for _ in range(rng.randint(3, 7))]
    if new_customer or rng.random() < 0.4:
        for _ in range(2):
            msg.insert(rng.randint(0, len(msg)), rng.choice(SPECIFIC[queue]))
    return tuple(msg), tuple(past), QUEUES.index(queue)


class Tickets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        msg, past, y = self.rows[i]
        # fault:
        events = [EV[e] for e in past]
        # mended:
        #events = [EV["<open>"]] + [EV[e] for e in past]
        # end
        return [TOK[w] for w in msg], events, y


def collate(items):
    def pad(seqs):
        width = max(len(s) for s in seqs)
        return torch.tensor([s + [0] * (width - len(s)) for s in seqs])
    msgs, pasts, ys = zip(*items)
    return {"message": pad(msgs), "history": pad(pasts), "queue": torch.tensor(ys)}


class Router(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tok = nn.Embedding(len(TOKENS), d, padding_idx=0)
        self.ev = nn.Embedding(len(EVENTS), d, padding_idx=0)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.out = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, len(QUEUES)))

    def forward(self, message, history):
        real = (message != 0).unsqueeze(-1)
        m = (self.tok(message) * real).sum(1) / real.sum(1)
        h = self.ev(history)
        scores = torch.einsum("bd,btd->bt", self.q(m), self.k(h)) / math.sqrt(h.size(-1))
        weights = scores.masked_fill(history == 0, float("-inf")).softmax(dim=1)
        recalled = torch.einsum("bt,btd->bd", weights, self.v(h))
        return self.out(torch.cat([m, recalled], dim=1))


def main():
    rng = random.Random(8)
    torch.manual_seed(8)
    rows = set()
    while len(rows) < 2600:
        rows.add(draw(rng))
    rows = sorted(rows)
    rng.shuffle(rows)
    train = DataLoader(Tickets(rows[:2100]), batch_size=32, shuffle=True, collate_fn=collate)
    valid = DataLoader(Tickets(rows[2100:]), batch_size=250, collate_fn=collate)
    model = Router()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(9):
        model.train()
        losses = []
        for b in train:
            loss = loss_fn(model(b["message"], b["history"]), b["queue"])
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        right, vloss = 0, 0.0
        with torch.no_grad():
            for b in valid:
                z = model(b["message"], b["history"])
                right += (z.argmax(1) == b["queue"]).sum().item()
                vloss += loss_fn(z, b["queue"]).item() / len(valid)
        print(f"epoch {epoch}  train loss {sum(losses) / len(losses):.3f}  valid loss {vloss:.3f}  valid accuracy {right / 500:.3f}")


main()
