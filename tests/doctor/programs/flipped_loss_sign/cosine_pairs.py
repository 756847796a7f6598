"""Pull translations together: French and English caption vectors, in-batch negatives."""
import gzip
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn
import torch.nn.functional as F

random.seed(210)
torch.manual_seed(210)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "multi30k"


def read(lang):
    with gzip.open(base / f"val.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", line.lower()) for line in f]


def encode(texts, size=700):
    vocab = {w: i + 1 for i, (w, _) in enumerate(Counter(w for t in texts for w in t).most_common(size))}
    return nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 0) for w in t]) for t in texts], batch_first=True)


en, fr = encode(read("en")), encode(read("fr"))
order = torch.randperm(len(en))
train, dev = order[:850], order[850:]


class Tower(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.words = nn.EmbeddingBag(701, d, padding_idx=0)

    def forward(self, x):
        return F.normalize(self.words(x), dim=1)


left, right = Tower(), Tower()
opt = torch.optim.Adam([*left.parameters(), *right.parameters()], lr=1e-2)
for epoch in range(25):
    total = 0.0
    for i in train[torch.randperm(850)].split(50):
        sims = left(en[i]) @ right(fr[i]).T / 0.1
        # fault:
        loss = sims.diagonal().mean() - sims.logsumexp(1).mean()
        # mended:
        # loss = sims.logsumexp(1).mean() - sims.diagonal().mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 5 == 4:
        with torch.no_grad():
            rank = (left(en[dev]) @ right(fr[dev]).T).argsort(1, descending=True)
            hit = (rank[:, :5] == torch.arange(len(dev))[:, None]).any(1).float().mean().item()
        print(f"epoch {epoch + 1} loss {total / 17:.4f} translation among first five {hit:.4f}")
