"""Put the spaces back: thequickbrown -> the quick brown. One label per letter: does a new word start here? (Brown corpus)"""
import gzip
import os
import random
import re

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(2)
torch.manual_seed(2)
file = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "corpora", "brown.txt.gz")

sentences = []
with gzip.open(file, "rt", encoding="utf-8") as fh:
    for line in fh:
        words = re.findall("[a-z]+", line.lower())
        if 4 <= len(words) <= 12:
            sentences.append(words)
        if len(sentences) == 1700:
            break
sentences = sorted({tuple(s) for s in sentences})
random.shuffle(sentences)


def example(words):
    letters = "".join(words)
    starts, p = set(), 0
    for w in words:
        starts.add(p)
        p += len(w)
    return torch.tensor([ord(c) - 96 for c in letters]), torch.tensor([int(i in starts) for i in range(len(letters))])


def collate(batch):
    xs, ys = zip(*batch)
    # fault:
    return pad_sequence(xs, batch_first=True), pad_sequence(ys, batch_first=True, padding_value=0)
    # mended:
    # return pad_sequence(xs, batch_first=True), pad_sequence(ys, batch_first=True, padding_value=-1)
    # end


class Segmenter(nn.Module):
    def __init__(self, d=24, h=48):
        super().__init__()
        self.emb = nn.Embedding(27, d, padding_idx=0)
        self.convs = nn.Sequential(nn.Conv1d(d, h, 7, padding=3), nn.ReLU(), nn.Conv1d(h, h, 5, padding=2), nn.ReLU())
        self.tag = nn.Conv1d(h, 2, 1)

    def forward(self, x):
        return self.tag(self.convs(self.emb(x).transpose(1, 2)))


examples = [example(s) for s in sentences]
train, dev = examples[300:], examples[:300]
model = Segmenter()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=0)
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=-1)
# end
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(8):
    for x, y in DataLoader(train, batch_size=20, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    tp = fp = fn = 0
    with torch.no_grad():
        for x, y in DataLoader(dev, batch_size=100, collate_fn=collate):
            p = (model(x).argmax(1) == 1) & (x > 0)
            t = (y == 1) & (x > 0)
            tp, fp, fn = tp + (p & t).sum().item(), fp + (p & ~t).sum().item(), fn + (~p & t).sum().item()
    print(f"epoch {epoch} loss {loss.item():.4f} boundary F1 {2 * tp / (2 * tp + fp + fn):.4f}")
