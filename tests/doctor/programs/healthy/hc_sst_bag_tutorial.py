"""SST-2 phrases with an EmbeddingBag learned from scratch and a falling learning rate."""
import csv
import os
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(7)
ROOT = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "glue", "SST-2")


def read(name, every=1):
    with open(os.path.join(ROOT, name), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[::every]
    return [(r["sentence"].split(), int(r["label"])) for r in rows]


dev = read("dev.tsv")
held = {tuple(t) for t, _ in dev}
train = [(t, y) for t, y in read("train.tsv", 4) if tuple(t) not in held]
counts = Counter(w for t, _ in train for w in t)
vocab = {w: i + 1 for i, w in enumerate(w for w, c in counts.most_common() if c > 1)}


def collate_batch(batch):
    labels = torch.tensor([y for _, y in batch])
    texts = [torch.tensor([vocab.get(w, 0) for w in t]) for t, _ in batch]
    offsets = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
    return labels, torch.cat(texts), offsets


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassificationModel(len(vocab) + 1, 32, 2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.4)
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate_batch)
for epoch in range(1, 4):
    model.train()
    total = 0.0
    for label, text, offsets in loader:
        optimizer.zero_grad()
        loss = criterion(model(text, offsets), label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        label, text, offsets = collate_batch(dev)
        acc = (model(text, offsets).argmax(1) == label).float().mean().item()
    print(f"| epoch {epoch} | train loss {total / len(loader):.4f} | dev accuracy {acc:.3f}")
