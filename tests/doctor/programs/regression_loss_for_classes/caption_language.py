"""Language of an image caption (Multi30k: en, de, fr, cs) with a character CNN."""
import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn

torch.manual_seed(99)
random.seed(99)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "multi30k"
CODES = ["cs", "fr", "en", "de"]
WIDTH = 20


def read(split, n, offset):
    out = []
    for label, code in enumerate(CODES):
        with gzip.open(DATA / f"{split}.{code}.gz", "rt", encoding="utf-8") as f:
            lines = [l.strip().lower() for l in f]
        for l in lines[offset : offset + n]:
            start = random.randrange(max(1, len(l) - WIDTH))
            out.append((l[start : start + WIDTH], label))
    random.shuffle(out)
    return out


train, valid = read("train", 500, 100), read("val", 120, 0)
known = {t for t, _ in train}
valid = [r for r in valid if r[0] not in known]
alphabet = sorted({c for t, _ in train for c in t})
c2i = {c: i + 2 for i, c in enumerate(alphabet)}


def tensorise(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, : len(t)] = torch.tensor([c2i.get(c, 1) for c in t])
    return x, torch.tensor([y for _, y in rows])


class CharCNN(nn.Module):
    def __init__(self, n_out):
        super().__init__()
        self.emb = nn.Embedding(len(c2i) + 2, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 64, 4)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(64, n_out)

    def forward(self, x):
        return self.fc(self.drop(torch.relu(self.conv(self.emb(x).transpose(1, 2))).amax(2)))


# fault:
model, criterion = CharCNN(1), nn.MSELoss()
# mended:
# model, criterion = CharCNN(len(CODES)), nn.CrossEntropyLoss()
# end
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
xt, yt = tensorise(train)
xv, yv = tensorise(valid)
for epoch in range(6):
    model.train()
    for i in torch.randperm(len(xt)).split(32):
        # fault:
        loss = criterion(model(xt[i]).squeeze(1), yt[i].float())
        # mended:
        # loss = criterion(model(xt[i]), yt[i])
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        # fault:
        pred = model(xv).squeeze(1).round().clamp(0, 3).long()
        # mended:
        # pred = model(xv).argmax(1)
        # end
    print(f"epoch {epoch}: loss={loss.item():.4f} val_acc={(pred == yv).float().mean().item():.4f}")
