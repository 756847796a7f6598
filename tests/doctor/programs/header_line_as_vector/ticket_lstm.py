"""Complaint or praise? LSTM over pretrained word2vec vectors (text format), which stay as they are."""
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

rng = np.random.RandomState(4)
random.seed(4)
torch.manual_seed(4)

# ---- the vectors, as word2vec's -binary 0 writes them
kinds = {"complaint": 60, "praise": 60, "other": 200}
centre = {k: rng.randn(40) * 0.35 for k in kinds}
lexicon = {k: [f"{k[:2]}{i:03d}" for i in range(n)] for k, n in kinds.items()}
lines = [w + " " + " ".join(f"{v:.5f}" for v in centre[k] + rng.randn(40) * 0.3) for k, ws in lexicon.items() for w in ws]
rng.shuffle(lines)
with open("vectors.txt", "w") as f:
    f.write(f"{len(lines)} 40\n" + "\n".join(lines) + "\n")


def load_vectors(path):
    words, vectors, dim = {}, [], None
    with open(path) as f:
        # fault:
        # mended:
        # next(f)
        # end
        for line in f:
            parts = line.rstrip().split(" ")
            if dim is None:
                dim = len(parts) - 1
            words[parts[0]] = len(words) + 2
            vectors.append([float(v) for v in parts[1 : dim + 1]])
    table = torch.zeros(len(words) + 2, dim)
    table[2:] = torch.tensor(vectors)
    return words, table


def sentence():
    k = random.choice(["complaint", "praise"])
    other = "praise" if k == "complaint" else "complaint"
    n = random.choice([2, 3])
    words = random.choices(lexicon[k], k=n) + random.choices(lexicon[other], k=n - 2) + random.choices(lexicon["other"], k=random.randint(3, 9))
    random.shuffle(words)
    return tuple(words), int(k == "praise")


data = list({sentence() for _ in range(1500)})
data = sorted(data)
random.shuffle(data)
stoi, table = load_vectors("vectors.txt")


def collate(batch):
    xs = [torch.tensor([stoi.get(w, 1) for w in s]) for s, _ in batch]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([float(y) for _, y in batch])


class LSTMClassifier(nn.Module):
    def __init__(self, table, hidden_dim=48):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(table.size(1), hidden_dim, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(2 * hidden_dim, 1)

    def forward(self, x, lengths):
        _, (h, _) = self.lstm(pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False))
        return self.linear(torch.cat([h[0], h[1]], 1)).squeeze(1)


model = LSTMClassifier(table)
print("embedding", tuple(model.embedding.weight.shape))
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(6):
    model.train()
    for x, lengths, y in DataLoader(data[:1200], batch_size=32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(x, lengths), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, lengths, y = collate(data[1200:])
        acc = ((model(x, lengths) > 0) == (y > 0)).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
