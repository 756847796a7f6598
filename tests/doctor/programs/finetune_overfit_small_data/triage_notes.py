"""Triage: which of four wards does a nurse's note belong to?

Only 160 notes have been labelled so far. Term vectors come from the hospital's big
unlabelled archive (terms.vec, text format).
"""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(21)
torch.manual_seed(21)
g = torch.Generator().manual_seed(21)

WARDS = ["cardiology", "orthopedics", "neurology", "gastro"]
DIM, TERMS = 48, 640


def write_archive_vectors(path):
    """Export of the archive's term vectors (terms are pseudonymised)."""
    centres = torch.randn(4, DIM, generator=g) * 0.28
    with open(path, "w") as f:
        for i in range(TERMS):
            base = centres[i % 4] if i < 360 else torch.zeros(DIM)
            v = base + 0.3 * torch.randn(DIM, generator=g)
            f.write(f"t{i:04d} " + " ".join(f"{x:.5f}" for x in v.tolist()) + "\n")


def note():
    ward = random.randrange(4)
    terms = []
    for _ in range(random.randint(8, 16)):
        if random.random() < 0.34:
            terms.append(random.randrange(90) * 4 + ward)          # terms of the ward
        elif random.random() < 0.3:
            terms.append(random.randrange(360))                    # terms of any ward
        else:
            terms.append(random.randrange(360, TERMS))             # general terms
    if random.random() < 0.08:
        ward = random.randrange(4)                                 # transferred later
    return [f"t{i:04d}" for i in terms], ward


write_archive_vectors("terms.vec")
labelled = [note() for _ in range(160)]
held_out = [note() for _ in range(800)]

stoi, rows = {"<pad>": 0}, [torch.zeros(DIM)]
with open("terms.vec") as f:
    for line in f:
        term, *vals = line.split()
        stoi[term] = len(rows)
        rows.append(torch.tensor([float(v) for v in vals]))
vectors = torch.stack(rows)


class Notes(Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        terms, ward = self.items[i]
        return {"ids": torch.tensor([stoi[t] for t in terms]), "ward": ward}


def collate(samples):
    ids = nn.utils.rnn.pad_sequence([s["ids"] for s in samples], batch_first=True)
    return {"ids": ids, "mask": ids.ne(0), "ward": torch.tensor([s["ward"] for s in samples])}


class NoteClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.terms = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # mended:
        # self.terms = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(DIM, len(WARDS))

    def forward(self, batch):
        m = batch["mask"].unsqueeze(-1).float()
        pooled = (self.terms(batch["ids"]) * m).sum(1) / m.sum(1)
        return self.out(self.drop(pooled))


model = NoteClassifier()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01, weight_decay=1e-3)
train_dl = DataLoader(Notes(labelled), batch_size=16, shuffle=True, collate_fn=collate)
train_eval = DataLoader(Notes(labelled), batch_size=80, collate_fn=collate)
dev_dl = DataLoader(Notes(held_out), batch_size=200, collate_fn=collate)


@torch.no_grad()
def score(dl):
    model.eval()
    loss = hit = n = 0
    for batch in dl:
        out = model(batch)
        loss += nn.functional.cross_entropy(out, batch["ward"], reduction="sum").item()
        hit += (out.argmax(1) == batch["ward"]).sum().item()
        n += len(out)
    return loss / n, hit / n


for epoch in range(1, 41):
    model.train()
    for batch in train_dl:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(batch), batch["ward"]).backward()
        optimizer.step()
    if epoch % 8 == 0:
        (tl, ta), (dl_, da) = score(train_eval), score(dev_dl)
        print(f"epoch {epoch:2d}  labelled {tl:.3f}/{ta:.3f}  held-out {dl_:.3f}/{da:.3f}")
