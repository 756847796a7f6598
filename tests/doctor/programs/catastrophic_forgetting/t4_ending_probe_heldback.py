"""Probe of distributional morphology: from the vector of a word, which ending does it carry?

Labels come from the spelling, inputs are GloVe 6B 50d rows only. A part of the lexicon is never shown in training,
and the probe is judged on that part.
"""
import gzip
import os
import random
import re
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CLASSES = {"ing": r"[a-z]{3,}ing", "ed": r"[a-z]{3,}ed", "ly": r"[a-z]{3,}ly", "num": r"[\d.,:]*\d",
           "tion": r"[a-z]{2,}tion"}
NAMES = list(CLASSES)


@dataclass
class ProbeConfig:
    share: float = 0.6
    # fault:
    freeze_lexicon: bool = False
    # mended:
    #freeze_lexicon: bool = True
    # end
    lr_lexicon: float = 0.05
    lr_probe: float = 4e-3
    batch: int = 32
    epochs: int = 12
    seed: int = 17


def glove():
    words, rows = [], []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            words.append(w)
            rows.append(np.array(rest.split(), dtype=np.float32))
    return words, torch.from_numpy(np.stack(rows))


def ending(word):
    for k, pattern in CLASSES.items():
        if re.fullmatch(pattern, word):
            return NAMES.index(k)
    return None


class Probe(nn.Module):
    def __init__(self, vectors, cfg):
        super().__init__()
        self.lexicon = nn.Embedding.from_pretrained(vectors, freeze=cfg.freeze_lexicon)
        self.probe = nn.Sequential(nn.Linear(vectors.size(1), 24), nn.Tanh(), nn.Dropout(0.3), nn.Linear(24, len(NAMES)))

    def forward(self, ids):
        return self.probe(self.lexicon(ids))

    def groups(self, cfg):
        yield {"params": self.probe.parameters(), "lr": cfg.lr_probe, "weight_decay": 0.02}
        if self.lexicon.weight.requires_grad:
            yield {"params": self.lexicon.parameters(), "lr": cfg.lr_lexicon, "weight_decay": 0.0}


@torch.no_grad()
def measure(model, ids, y):
    model.eval()
    out = model(ids)
    per_class = [((out.argmax(1) == y) & (y == c)).sum().item() / (y == c).sum().item() for c in range(len(NAMES))]
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item(), per_class


def main():
    cfg = ProbeConfig()
    print(asdict(cfg))
    torch.manual_seed(cfg.seed)
    words, vectors = glove()
    labelled = [(i, ending(w)) for i, w in enumerate(words) if ending(w) is not None]
    random.Random(cfg.seed).shuffle(labelled)
    ids, y = map(torch.tensor, zip(*labelled))
    cut = int(cfg.share * len(ids))
    print(f"{cut} words for training, {len(ids) - cut} unseen, majority {y.bincount().max().item() / len(y):.2f}")
    model = Probe(vectors, cfg)
    opt = torch.optim.AdamW(model.groups(cfg))
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        for part in torch.randperm(cut).split(cfg.batch):
            opt.zero_grad()
            loss = F.cross_entropy(model(ids[part]), y[part])
            loss.backward()
            opt.step()
        if epoch % 2 == 0:
            seen, unseen = measure(model, ids[:cut], y[:cut]), measure(model, ids[cut:], y[cut:])
            print(f"epoch {epoch:2d}  seen {seen[0]:.3f} / {seen[1]:.3f}   unseen {unseen[0]:.3f} / {unseen[1]:.3f}")
    print("  ".join(f"-{n} {r:.2f}" for n, r in zip(NAMES, unseen[2])))


if __name__ == "__main__":
    main()
