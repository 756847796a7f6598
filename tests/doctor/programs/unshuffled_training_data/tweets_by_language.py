"""Language of a tweet from hashed letter trigrams; one file for each language."""
import os
import re
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, Dataset

torch.manual_seed(25)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment/umsab-multilingual"
LANGUAGES = ["french", "italian", "portuguese", "spanish"]
BUCKETS = 1024


def trigrams(text):
    text = " " + re.sub(r"@user|http\S*|[^a-zà-ÿ]+", " ", text.lower()).strip() + " "
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)] or [0]


class Tweets(Dataset):
    def __init__(self, language, split, limit):
        lines = (base / language / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()[:limit]
        self.items = [(trigrams(t), LANGUAGES.index(language)) for t in lines]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    offsets = torch.tensor([0] + [len(t) for t, _ in batch]).cumsum(0)[:-1]
    return torch.tensor([g for t, _ in batch for g in t]), offsets, torch.tensor([y for _, y in batch])


train = ConcatDataset([Tweets(l, "train", 800) for l in LANGUAGES])
test = ConcatDataset([Tweets(l, "test", 250) for l in LANGUAGES])
# fault:
loader = DataLoader(train, batch_size=32, collate_fn=collate)
# mended:
# loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
# end
bag, out = nn.EmbeddingBag(BUCKETS, 24), nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, len(LANGUAGES)))
opt = torch.optim.Adam([*bag.parameters(), *out.parameters()], lr=2e-2)
for epoch in range(3):
    for ids, offsets, y in loader:
        loss = nn.functional.cross_entropy(out(bag(ids, offsets)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    hits = torch.zeros(len(LANGUAGES))
    with torch.no_grad():
        for ids, offsets, y in DataLoader(test, 100, collate_fn=collate):
            p = out(bag(ids, offsets)).argmax(1)
            hits += torch.bincount(y[p == y], minlength=len(LANGUAGES))
    print(f"epoch {epoch} last loss {loss.item():.3f} accuracy {hits.sum().item() / 1000:.3f}", [round(h / 250, 2) for h in hits.tolist()])
