"""Movie reviews, fine-tuned GloVe; dev sentences hold words that training did not."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn

random.seed(126)
torch.manual_seed(126)
ROOT = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
stoi, rows = {"<pad>": 0, "<unk>": 1}, [torch.zeros(50), torch.zeros(50)]
with gzip.open(ROOT / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.split()
        stoi[word] = len(rows)
        rows.append(torch.tensor([float(v) for v in values]))
GLOVE = torch.stack(rows)

sentences = []
for label, name in ((0, "rt-polarity.neg"), (1, "rt-polarity.pos")):
    with open(ROOT / "sentiment" / "MR" / name, encoding="latin-1") as f:
        sentences += [(torch.tensor([stoi.get(w, 1) for w in line.split()][:30]), label) for line in f if line.strip()]
random.shuffle(sentences)
train, dev = sentences[:1500], sentences[1500:2500]


def pad(batch):
    return nn.utils.rnn.pad_sequence([s for s, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class MeanModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(GLOVE.clone(), freeze=False, padding_idx=0)
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(50, 2)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        return self.out(self.dropout(self.embedding(x).sum(1) / n))


model = MeanModel()
# fault:
optimizer = torch.optim.Adam(
    [{"params": model.embedding.parameters(), "lr": 1e-3}, {"params": model.out.parameters(), "lr": 1e-2}], weight_decay=1e-3
)
# mended:
# optimizer = torch.optim.Adam(
#     [{"params": model.embedding.parameters(), "lr": 1e-3}, {"params": model.out.parameters(), "lr": 1e-2}], weight_decay=0.0
# )
# end
for epoch in range(5):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 15):
        x, y = pad(train[i : i + 15])
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = pad(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
        length = model.embedding.weight.norm(dim=1).mean().item()
    print(f"epoch {epoch} loss {total / 100:.4f} mean vector length {length:.3f} dev accuracy {acc:.4f}")
