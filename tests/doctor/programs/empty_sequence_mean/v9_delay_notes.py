#!/usr/bin/env python
"""Reason for a late parcel from the driver's note plus distance and weight."""
import random
import re
import torch
import torch.nn as nn

WORDS = {
    "traffic": "jam motorway roadworks queue accident tunnel closed diversion standstill bridge".split(),
    "recipient": "nobody home bell neighbour absent refused moved gate door voicemail".split(),
    "vehicle": "tyre engine battery breakdown garage fuel brake towed clutch warning".split(),
    "depot": "sorting missing label late loaded scanner wrong belt shift manifest".split(),
}
FILL = "the was at on and again today then near before since still had van parcel stop".split()
REASONS = list(WORDS)
KNOWN = {w: i + 1 for i, w in enumerate(sorted({w for v in WORDS.values() for w in v} | set(FILL)))}


def note(rnd):
    reason = rnd.randrange(4)
    km = rnd.uniform(2, 60)
    kg = rnd.expovariate(0.2) + 0.1
    if rnd.random() < 0.02:                       # the driver only typed something to get on
        return rnd.choice(["--", "??", "n/a", "...", "x", "#%d" % rnd.randrange(999)]), km, kg, reason
    bag = [rnd.choice(WORDS[REASONS[reason]]) for _ in range(rnd.randint(2, 4))]
    bag += [rnd.choice(WORDS[rnd.choice(REASONS)])] if rnd.random() < 0.5 else []
    bag += [rnd.choice(FILL) for _ in range(rnd.randint(1, 8))]
    rnd.shuffle(bag)
    return " ".join(bag), km, kg, reason


def encode(text):
    return [KNOWN[w] for w in re.findall(r"[a-z]+", text.lower()) if w in KNOWN]


def to_batch(rows):
    ids = [encode(r[0]) for r in rows]
    width = max(1, max(len(i) for i in ids))
    x = torch.tensor([i + [0] * (width - len(i)) for i in ids])
    extra = torch.tensor([[r[1] / 60, r[2] / 20] for r in rows])
    return x, extra, torch.tensor([r[3] for r in rows])


class NoteReader(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.lookup = nn.Embedding(n, d, padding_idx=0)
        self.hidden = nn.Linear(d + 2, 32)
        self.answer = nn.Linear(32, 4)

    def forward(self, x, extra):
        mask = (x > 0).float()
        total = (self.lookup(x) * mask.unsqueeze(2)).sum(1)
        # fault:
        count = mask.sum(1, keepdim=True)
        # mended:
        #count = mask.sum(1, keepdim=True).clamp(min=1)
        # end
        text = total / count
        return self.answer(torch.relu(self.hidden(torch.cat([text, extra], 1))))


def run():
    rnd = random.Random(21)
    torch.manual_seed(21)
    rows, seen = [], set()
    while len(rows) < 3000:
        r = note(rnd)
        if len(r[0]) > 4 and r[0] in seen:
            continue
        seen.add(r[0])
        rows.append(r)
    train, test = rows[:2400], rows[2400:]
    net = NoteReader(len(KNOWN) + 1)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-4)
    ce = nn.CrossEntropyLoss()
    tx, te, ty = to_batch(test)
    for epoch in range(8):
        rnd.shuffle(train)
        net.train()
        seen_loss = []
        for k in range(0, len(train), 40):
            x, extra, y = to_batch(train[k:k + 40])
            loss = ce(net(x, extra), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            seen_loss.append(loss.item())
        net.eval()
        with torch.no_grad():
            z = net(tx, te)
        if epoch % 2 == 1:
            print("epoch %d: train loss %.3f, test loss %.3f, test accuracy %.3f" % (
                epoch + 1, sum(seen_loss) / len(seen_loss), ce(z, ty).item(), (z.argmax(1) == ty).float().mean().item()))
    by = {r: (z.argmax(1) == i)[ty == i].float().mean().item() for i, r in enumerate(REASONS)}
    print("recall by reason:", {k: round(v, 3) for k, v in by.items()})


if __name__ == "__main__":
    run()
