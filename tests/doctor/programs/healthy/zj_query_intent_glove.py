"""Query-intent service, offline training part.  Fixed GloVe vectors on purpose: the serving side shares one table."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

GLOVE = Path(os.environ["WORDFIT_DATA"]) / "vectors" / "glove.6B.50d.top10361.txt.gz"
INTENTS = {
    "food": "pizza restaurant breakfast coffee dinner chicken wine cheese soup chef",
    "travel": "hotel flight airport airline resort passport beach island cruise ticket train visa travel tourist",
    "sport": "football basketball tennis league championship score coach goal olympic baseball hockey match tournament stadium",
    "health": "symptoms doctor fever hospital vaccine diabetes infection surgery pain disease treatment clinic blood cancer",
}
CARRIER = "the near best cheap open today how to where can i find what is in my a for there tomorrow good free online".split()


class Config(dict):
    __getattr__ = dict.__getitem__


cfg = Config(seed=41, lr=3e-3, epochs=5, batch=32, hidden=32, n=1800)


def load_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip().split(" ")
            words.append(w); rows.append(np.asarray(v, dtype=np.float32))
    return {w: i + 1 for i, w in enumerate(words)}, torch.from_numpy(np.vstack([np.zeros(50, np.float32), *rows]))


def queries(n):
    names, out = list(INTENTS), set()
    while len(out) < n:
        k = random.randrange(4)
        core = random.sample(INTENTS[names[k]].split(), random.choice([1, 1, 2]))
        ws = core + random.sample(CARRIER, random.randint(3, 6))
        random.shuffle(ws)
        out.add((" ".join(ws), k))
    out = sorted(out)
    random.shuffle(out)
    return out


class IntentModel(nn.Module):
    def __init__(self, table, hidden, n_out):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(50, hidden), nn.ReLU(), nn.Dropout(.1), nn.Linear(hidden, n_out))

    def forward(self, batch):
        mask = batch["mask"].unsqueeze(-1)
        pooled = (self.words(batch["ids"]) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.body(pooled)


class IntentTrainer:
    def __init__(self, model, stoi, cfg):
        self.model, self.stoi, self.cfg = model, stoi, cfg
        trainable = [p for p in model.parameters() if p.requires_grad]
        print("trainable", sum(p.numel() for p in trainable), "of", sum(p.numel() for p in model.parameters()))
        self.opt = torch.optim.Adam(trainable, lr=cfg.lr)

    def encode(self, rows):
        seqs = [[self.stoi[w] for w in q.split() if w in self.stoi] for q, _ in rows]
        width = max(map(len, seqs))
        ids = torch.tensor([s + [0] * (width - len(s)) for s in seqs])
        return {"ids": ids, "mask": (ids > 0).float(), "y": torch.tensor([k for _, k in rows])}

    def train_epoch(self, rows):
        self.model.train()
        random.shuffle(rows)
        total = 0.0
        for s in range(0, len(rows), self.cfg.batch):
            b = self.encode(rows[s: s + self.cfg.batch])
            loss = nn.functional.cross_entropy(self.model(b), b["y"])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total += loss.item() * len(b["y"])
        return total / len(rows)

    def accuracy(self, rows):
        self.model.eval()
        with torch.no_grad():
            b = self.encode(rows)
            return (self.model(b).argmax(-1) == b["y"]).float().mean().item()


if __name__ == "__main__":
    random.seed(cfg.seed); torch.manual_seed(cfg.seed)
    stoi, table = load_glove(GLOVE)
    rows = queries(cfg.n)
    train, dev = rows[:-400], rows[-400:]
    t = IntentTrainer(IntentModel(table, cfg.hidden, len(INTENTS)), stoi, cfg)
    for e in range(cfg.epochs):
        print(f"epoch {e}: loss {t.train_epoch(train):.4f}  dev acc {t.accuracy(dev):.4f}")
    print(f"train acc {t.accuracy(train):.4f} dev acc {t.accuracy(dev):.4f}")
