"""Language identification for short messages: hashed character n-grams, one EmbeddingBag, one linear layer.

Layout follows our service repo (reader / featurizer / trainer), flattened into a single file.
"""
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"

@dataclass(frozen=True)
class Settings:
    languages: tuple = ("english", "french", "german", "spanish")
    buckets: int = 1 << 13
    width: int = 24
    batch: int = 32
    max_epochs: int = 6
    patience: int = 1
    lr_table: float = 4e-3
    lr_head: float = 1e-2
    seed: int = 90

class Featurizer:
    """2- and 3-grams by a rolling polynomial hash; numpy only, no python loop over characters."""

    def __init__(self, buckets):
        self.buckets = buckets

    def __call__(self, text):
        text = text.replace("@user", " ").replace("http", " ")
        codes = np.frombuffer((" " + text.lower()[:110] + " ").encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        two = codes[:-1] * 7919 + codes[1:]
        three = two[:-1] * 104729 + codes[2:] + 13
        return torch.from_numpy(np.concatenate([two, three]) % self.buckets)

class Stream(IterableDataset):
    def __init__(self, rows, featurize, shuffle_seed=None):
        self.rows = [(featurize(t), y) for t, y in rows]
        self.rng = None if shuffle_seed is None else np.random.default_rng(shuffle_seed)

    def __iter__(self):
        order = np.arange(len(self.rows)) if self.rng is None else self.rng.permutation(len(self.rows))
        for i in order:
            yield self.rows[i]

def collate(items):
    grams, labels = zip(*items)
    lengths = torch.tensor([len(g) for g in grams])
    offsets = torch.cumsum(lengths, 0) - lengths
    return torch.cat(grams), offsets, torch.tensor(labels)

def read(split, languages, limit):
    seen, rows = set(), []
    for y, language in enumerate(languages):
        lines = (ROOT / language / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
        for line in lines[:limit]:
            if len(line) > 20 and line not in seen:
                seen.add(line)
                rows.append((line, y))
    return rows

class LangId(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.table = nn.EmbeddingBag(s.buckets, s.width, mode="mean", sparse=True)
        nn.init.normal_(self.table.weight, std=0.02)
        self.head = nn.Linear(s.width, len(s.languages))

    def forward(self, grams, offsets):
        return self.head(self.table(grams, offsets))

class Trainer:
    def __init__(self, model, s):
        self.model, self.s = model, s
        self.optimizers = [torch.optim.SparseAdam(list(model.table.parameters()), lr=s.lr_table),
                           torch.optim.AdamW(model.head.parameters(), lr=s.lr_head)]
        self.best = (-1.0, -1)

    def evaluate(self, loader):
        self.model.eval()
        gold, pred = [], []
        with torch.inference_mode():
            for grams, offsets, y in loader:
                pred += self.model(grams, offsets).argmax(-1).tolist()
                gold += y.tolist()
        return f1_score(gold, pred, average="macro")

    def fit(self, train, dev, where):
        for epoch in range(self.s.max_epochs):
            self.model.train()
            running = []
            for grams, offsets, y in train:
                loss = nn.functional.cross_entropy(self.model(grams, offsets), y, label_smoothing=0.02)
                for o in self.optimizers:
                    o.zero_grad()
                loss.backward()
                for o in self.optimizers:
                    o.step()
                running.append(loss.item())
            score = self.evaluate(dev)
            print(f"[{epoch}] loss={np.mean(running):.4f} dev_macro_f1={score:.4f}")
            if score > self.best[0] + 5e-4:
                self.best = (score, epoch)
                torch.save(self.model.state_dict(), where)
            elif epoch - self.best[1] >= self.s.patience:
                print("no progress, stopping")
                break
        self.model.load_state_dict(torch.load(where, weights_only=True))

if __name__ == "__main__":
    s = Settings()
    torch.manual_seed(s.seed)
    featurize = Featurizer(s.buckets)
    splits = {k: read(k, s.languages, n) for k, n in (("train", 500), ("val", 150), ("test", 200))}
    known = {t for t, _ in splits["train"]}
    splits["val"] = [r for r in splits["val"] if r[0] not in known]
    splits["test"] = [r for r in splits["test"] if r[0] not in known]
    loaders = {k: DataLoader(Stream(v, featurize, s.seed if k == "train" else None), batch_size=s.batch, collate_fn=collate)
               for k, v in splits.items()}
    with tempfile.TemporaryDirectory() as tmp:
        trainer = Trainer(LangId(s), s)
        trainer.fit(loaders["train"], loaders["val"], os.path.join(tmp, "langid.pt"))
    print(f"train {trainer.evaluate(loaders['train']):.4f}  dev {trainer.best[0]:.4f}  test {trainer.evaluate(loaders['test']):.4f}")
