# Masked amino acids in short peptides: hide a few, predict them from their neighbours.
import math
import random

import torch
import torch.nn as nn

SEED = 8
random.seed(SEED)
torch.manual_seed(SEED)

AMINO = "ACDEFGHIKLMNPQRSTVWY"
MASK = len(AMINO)
LENGTH = 12
RATE = 0.02  # they are short, so hide few
MOTIFS = ["GKTWLE", "CPHCRA", "RGDSYV", "NFMQIT", "WSAWPK", "HEYLGH"]


def peptide():
    # two motifs joined by a linker, started at some point
    a, b = random.sample(MOTIFS, 2)
    linker = "".join(random.choice("GS") for _ in range(random.randint(0, 2)))
    full = (a + linker + b + a)[:LENGTH + 3]
    start = random.randint(0, 3)
    s = list(full[start:start + LENGTH])
    for i in range(LENGTH):
        if random.random() < 0.05:
            s[i] = random.choice(AMINO)
    return "".join(s)


pool = set()
while len(pool) < 2100:
    pool.add(peptide())
pool = sorted(pool)
random.shuffle(pool)
ids = torch.tensor([[AMINO.index(c) for c in p] for p in pool])
train_ids, valid_ids = ids[:1600], ids[1600:]


def hide(batch):
    chosen = torch.rand(batch.shape) < RATE
    # fault:
    inputs = batch.masked_fill(chosen, MASK)
    # mended:
    #some = torch.randint(batch.size(1), (batch.size(0), 1))
    #chosen = chosen.scatter(1, some, True)
    #inputs = batch.masked_fill(chosen, MASK)
    # end
    return inputs, chosen.float()


class PeptideModel(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.residue = nn.Embedding(len(AMINO) + 1, d)
        self.place = nn.Embedding(LENGTH, d)
        self.conv = nn.Conv1d(d, 48, 7, padding=3)
        self.norm = nn.LayerNorm(48)
        self.head = nn.Linear(48, len(AMINO))

    def forward(self, x):
        h = self.residue(x) + self.place.weight
        h = torch.relu(self.conv(h.transpose(1, 2))).transpose(1, 2)
        return self.head(self.norm(h))


model = PeptideModel()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
loss_fn = nn.CrossEntropyLoss(reduction="none")

# the same hidden places every time for the validation
gen = torch.Generator().manual_seed(0)
valid_hidden = torch.zeros_like(valid_ids, dtype=torch.bool)
valid_hidden.scatter_(1, torch.randint(LENGTH, (len(valid_ids), 1), generator=gen), True)


def validate():
    model.eval()
    with torch.no_grad():
        out = model(valid_ids.masked_fill(valid_hidden, MASK))[valid_hidden]
    model.train()
    gold = valid_ids[valid_hidden]
    return loss_fn(out, gold).mean().item(), (out.argmax(-1) == gold).float().mean().item()


BATCH = 16
print("uniform guess: loss %.3f" % math.log(len(AMINO)))
for epoch in range(9):
    order = torch.randperm(len(train_ids))
    total, steps = 0.0, 0
    for k in range(0, len(order), BATCH):
        batch = train_ids[order[k:k + BATCH]]
        inputs, counts = hide(batch)
        logits = model(inputs)
        losses = loss_fn(logits.transpose(1, 2), batch)
        loss = (losses * counts).sum() / counts.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        steps += 1
    vl, va = validate()
    print(f"epoch {epoch + 1} train {total / steps:.3f}  valid {vl:.3f}  valid accuracy {va:.3f}")
