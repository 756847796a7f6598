"""Find the French lines in a chat log: hashed trigrams, a random projection and one trained layer.

Nothing below the last layer is trained. Every character trigram is hashed to one of 4096 buckets
and every bucket owns a fixed random vector; their sum is a random projection of the trigram counts.
Only one line in ten is French, hence the weight on the positive class.
"""
import gzip
import os
import random
import zlib

import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, f1_score
from torch.utils.data import DataLoader

random.seed(30)
torch.manual_seed(30)
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
BUCKETS = 4096


def read_lines(split, lang, start, n):
    with gzip.open(f"{FOLDER}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        lines = [line.strip().lower() for i, line in zip(range(start + n), f)]
    # people write short messages: keep four words from somewhere inside
    out = []
    for line in lines[start:]:
        words = line.split()
        k = random.randint(0, max(0, len(words) - 4))
        out.append(" ".join(words[k:k + 4]))
    return out


def make_log(split, n):
    rows = {}
    for lang, start, share in (("en", 0, 0.45), ("de", n, 0.25), ("cs", 2 * n, 0.2), ("fr", 3 * n, 0.1)):
        for line in read_lines(split, lang, start if split == "train" else 0, int(share * n)):
            rows[line] = float(lang == "fr")
    return rows


def trigrams(text):
    text = f"^{text}$"
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)]


def collate(batch):
    ids, offsets, labels = [], [], []
    for text, label in batch:
        offsets.append(len(ids))
        ids.extend(trigrams(text))
        labels.append(label)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(labels)


class RandomProjectionClassifier(nn.Module):
    def __init__(self, dim=300):
        super().__init__()
        signs = torch.randint(0, 2, (BUCKETS, dim)).float() * 2 - 1
        self.bag = nn.EmbeddingBag.from_pretrained(signs / dim ** 0.5, freeze=True, mode="sum")
        self.out = nn.Linear(dim, 1)

    def forward(self, ids, offsets):
        return self.out(self.bag(ids, offsets)).squeeze(1)


train = make_log("train", 3000)
test = {text: y for text, y in make_log("val", 1000).items() if text not in train}
train, test = list(train.items()), list(test.items())
positives = sum(y for _, y in train)
print(f"{len(train)} lines, {positives / len(train):.1%} French; {len(test)} test lines")
train_loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test, batch_size=256, collate_fn=collate)

model = RandomProjectionClassifier()
pos_weight = torch.tensor((len(train) - positives) / positives)
criterion = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
optimizer = torch.optim.Adam(model.out.parameters(), lr=1e-2, weight_decay=1e-4)


@torch.no_grad()
def evaluate(loader):
    model.eval()
    logits, gold = zip(*[(model(ids, offsets), y) for ids, offsets, y in loader])
    logits, gold = torch.cat(logits), torch.cat(gold)
    guess = logits > 0
    return criterion(logits, gold).item(), balanced_accuracy_score(gold, guess), f1_score(gold, guess)


for epoch in range(6):
    model.train()
    for ids, offsets, y in train_loader:
        optimizer.zero_grad()
        criterion(model(ids, offsets), y).backward()
        optimizer.step()
    print("epoch %d  train loss %.3f bal.acc %.3f f1 %.3f | test loss %.3f bal.acc %.3f f1 %.3f"
          % (epoch + 1, *evaluate(train_loader), *evaluate(test_loader)))
