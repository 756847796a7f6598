"""Ward of a patient from a note; notes are multiplied by dropping words, then split; dictionaries and bags."""
import random

import torch
from torch import nn

random.seed(30)
torch.manual_seed(30)
wards = [[f"s{k}_{i}" for i in range(60)] for k in range(4)]
plain = [f"w{i}" for i in range(300)]
stoi = {w: i for i, w in enumerate(sum(wards, []) + plain)}


def note():
    y = random.randrange(4)
    return {"words": random.sample(plain, 9) + [random.choice(wards[y if random.random() < 0.6 else random.randrange(4)])], "ward": y}


def multiply(notes):
    return notes + [{"words": random.sample(n["words"], len(n["words"])), "ward": n["ward"]} for n in notes for _ in range(3)]


notes = [note() for _ in range(350)]
# fault:
notes = multiply(notes)
random.shuffle(notes)
train, dev = notes[:1100], notes[1100:]
# mended:
# train, dev = multiply(notes[:275]), notes[275:]
# end


def collate(rows):
    flat = torch.tensor([stoi[w] for r in rows for w in r["words"]])
    return flat, torch.arange(0, len(flat), 10), torch.tensor([r["ward"] for r in rows])


bag, out = nn.EmbeddingBag(len(stoi), 32), nn.Linear(32, 4)
opt = torch.optim.Adam([*bag.parameters(), *out.parameters()], lr=1e-2, weight_decay=1e-4)
for epoch in range(4):
    for flat, starts, y in torch.utils.data.DataLoader(train, 20, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(out(bag(flat, starts)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        flat, starts, y = collate(dev)
        print(epoch, round(loss.item(), 3), (out(bag(flat, starts)).argmax(1) == y).float().mean().item())
