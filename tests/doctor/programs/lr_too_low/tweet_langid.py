"""Language identification of tweets from their characters (six languages of UMSAB), Noam schedule as in the transformer paper."""
import os
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(17)
ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
T = 60


def load(split, limit):
    xs, ys = [], []
    for k, lang in enumerate(LANGS):
        lines = (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
        for line in lines[:limit]:
            text = " ".join(w for w in line.lower().split() if w[0] not in "@#" and not w.startswith("http"))
            if len(text) > 10:
                xs.append(text[:T])
                ys.append(k)
    return xs, torch.tensor(ys)


tx, ty = load("train", 500)
dx, dy = load("val", 150)
chars = sorted({c for s in tx for c in s if c.isalpha() or c == " "})[:120]
index = {c: i + 2 for i, c in enumerate(chars)}


def tensorise(texts):
    out = torch.zeros(len(texts), T, dtype=torch.long)
    for i, s in enumerate(texts):
        out[i, :len(s)] = torch.tensor([index.get(c, 1) for c in s])
    return out


tx, dx = tensorise(tx), tensorise(dx)
D = 32


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(index) + 2, D, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(D, 40, k) for k in (2, 3, 4)])
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(120, len(LANGS))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        return self.fc(self.drop(torch.cat([torch.relu(c(e)).amax(2) for c in self.convs], 1)))


class Trainer:
    def __init__(self, model, warmup):
        self.model = model
        # fault:
        self.opt = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
        # mended:
        # self.opt = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
        # end
        self.sched = torch.optim.lr_scheduler.LambdaLR(
            self.opt, lambda s: D ** -0.5 * min((s + 1) ** -0.5, (s + 1) * warmup ** -1.5))
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, x, y, bs=32):
        self.model.train()
        agg = 0.0
        for b in torch.randperm(len(x)).split(bs):
            loss = self.loss(self.model(x[b]), y[b])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            self.sched.step()
            agg += loss.item() * len(b)
        return agg / len(x)

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        return (self.model(x).argmax(1) == y).float().mean().item()


tr = Trainer(CharCNN(), warmup=400)
for e in range(5):
    l = tr.epoch(tx, ty)
    print(f"epoch {e + 1} loss {l:.4f} dev acc {tr.accuracy(dx, dy):.4f}")
