"""Find the bad news among company headlines."""
import argparse
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.environ.get("WORDFIT_DATA", "../shared/data"))
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=2e-3)
args = parser.parse_args()
random.seed(5)
torch.manual_seed(5)

seen, pos, neg = set(), [], []
for line in Path(args.data, "sentiment/financial-phrasebank/Sentences_50Agree.txt").read_text(encoding="utf-8").splitlines():
    text, _, mark = line.rpartition("@")
    if text in seen:
        continue
    seen.add(text)
    tokens = re.findall(r"[a-z]+|\d", text.lower())
    (neg if mark == "negative" else pos).append((tokens, 1.0 if mark == "negative" else 0.0))
random.shuffle(pos)
random.shuffle(neg)
train = pos[:3000] + neg[:160]
valid = pos[3000:3600] + neg[160:400]
random.shuffle(train)
freq = Counter(t for x, _ in train for t in x)
ids = {t: i + 2 for i, (t, c) in enumerate(freq.most_common()) if c > 1}


def collate(batch):
    seqs = [torch.tensor([ids.get(t, 1) for t in x]) for x, _ in batch]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in batch])


class Headline(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(ids) + 2, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 48, 3, padding=1)
        self.score = nn.Linear(48, 1)

    def forward(self, x):
        keep = (x != 0).unsqueeze(1)
        h = torch.relu(self.conv(self.table(x).transpose(1, 2)))
        return self.score(h.masked_fill(~keep, 0).amax(2)).squeeze(1)


net = Headline()
# fault:
loss_fn = nn.BCEWithLogitsLoss()
# mended:
# loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3000 / 160))
# end
opt = torch.optim.AdamW(net.parameters(), lr=args.lr)


def evaluate():
    net.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for x, y in DataLoader(valid, 128, collate_fn=collate):
            p = net(x) > 0
            tp += (p & (y == 1)).sum().item()
            fp += (p & (y == 0)).sum().item()
            fn += (~p & (y == 1)).sum().item()
    return tp / max(tp + fn, 1), 2 * tp / max(2 * tp + fp + fn, 1)


for epoch in range(args.epochs):
    net.train()
    for x, y in DataLoader(train, 64, shuffle=True, collate_fn=collate):
        loss = loss_fn(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    recall, f1 = evaluate()
    print(f"epoch {epoch} last loss {loss.item():.4f} recall of bad news {recall:.3f} F1 {f1:.3f}")
