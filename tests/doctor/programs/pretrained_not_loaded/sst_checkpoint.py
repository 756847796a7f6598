"""Two small scripts in one: (1) convert GloVe into a checkpoint, (2) train a classifier over the frozen word layer."""
import gzip
import os
from collections import Counter

import numpy as np
import torch
from torch import nn

torch.manual_seed(100)
DATA = os.environ["WORDFIT_DATA"]
CKPT = "glove_layer.pt"


def read(name, limit=None):
    out = []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        for line in f:
            out.append((line[2:].split(), int(line[0])))
    return out[:limit]


# ------------------------------------------------------------------ convert
def convert(words):
    found = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, _, rest = line.rstrip("\n").partition(" ")
            if w in words:
                found[w] = np.array(rest.split(" "), dtype=np.float32)
    itos = ["<pad>"] + sorted(found)
    weight = torch.zeros(len(itos), 50)
    for i, w in enumerate(itos[1:], 1):
        weight[i] = torch.from_numpy(found[w])
    torch.save({"itos": itos, "state_dict": {"embedding.weight": weight}}, CKPT)


# ------------------------------------------------------------------ model
class WordAverage(nn.Module):
    def __init__(self, n_words, dim=50, hidden=40):
        super().__init__()
        self.word_embedding = nn.Embedding(n_words, dim, padding_idx=0)
        self.norm = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 2))

    def forward(self, x):
        mask = (x > 0).float().unsqueeze(2)
        mean = (self.word_embedding(x) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.mlp(self.norm(mean))


def restore(model, path):
    state = torch.load(path)["state_dict"]
    # fault:
    model.load_state_dict(state, strict=False)
    # mended:
    # model.load_state_dict({"word_" + k: v for k, v in state.items()}, strict=False)
    # end
    model.word_embedding.requires_grad_(False)
    return model


def tensors(rows, stoi, width=40):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        ids = [stoi[t] for t in toks if t in stoi][:width]
        x[i, :len(ids)] = torch.tensor(ids, dtype=torch.long)
    return x, torch.tensor([l for _, l in rows])


train_rows, dev_rows = read("train"), read("dev")
convert({w for r in train_rows + dev_rows for w in r[0]})
itos = torch.load(CKPT)["itos"]
stoi = {w: i for i, w in enumerate(itos)}
x, y = tensors(train_rows, stoi)
dx, dy = tensors(dev_rows, stoi)
model = restore(WordAverage(len(itos)), CKPT)
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=3e-3, weight_decay=1e-4)
for epoch in range(8):
    model.train()
    s = 0.0
    for b in torch.randperm(len(x)).split(64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        opt.step()
        s += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        a = (model(dx).argmax(1) == dy).float().mean().item()
    print(f"epoch {epoch} train loss {s / len(x):.4f} dev accuracy {a:.4f}")
print("majority", max(dy.float().mean().item(), 1 - dy.float().mean().item()))
