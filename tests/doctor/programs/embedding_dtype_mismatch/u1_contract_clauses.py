"""Contract review: sort clauses by type. Word vectors are estimated from the training clauses (PPMI + SVD), then tuned."""
import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

TYPES = {
    "confidentiality": "confidential disclose disclosure secrecy recipient proprietary information nondisclosure",
    "termination": "terminate termination notice expiry breach cure cancel period",
    "indemnity": "indemnify harmless losses claims defend damages liability indemnitor",
    "payment": "invoice fee payable days interest overdue currency remittance",
    "governing_law": "courts jurisdiction laws governed venue arbitration state dispute",
}
BOILER = ("the of and to party parties shall agreement any this hereunder by in such as or with other under may be upon "
          "section herein each either provided that not all").split()
KINDS = list(TYPES)


def clause(rng):
    k = rng.randrange(len(KINDS))
    words = rng.choices(TYPES[KINDS[k]].split(), k=rng.randint(2, 4)) + rng.choices(BOILER, k=rng.randint(6, 14))
    if rng.random() < 0.4:
        words.append(rng.choice(TYPES[rng.choice(KINDS)].split()))
    rng.shuffle(words)
    return words, k


def ppmi_vectors(texts, words, width, window=4):
    index = {w: i for i, w in enumerate(words)}
    counts = np.ones((len(words), len(words))) * 0.1
    for t in texts:
        for i, w in enumerate(t):
            for v in t[max(0, i - window):i]:
                counts[index[w], index[v]] += 1
                counts[index[v], index[w]] += 1
    p = counts / counts.sum()
    pmi = np.log(p / np.outer(p.sum(1), p.sum(0)))
    u, s, _ = np.linalg.svd(np.maximum(pmi, 0))
    return u[:, :width] * np.sqrt(s[:width])


class ClauseSorter(nn.Module):
    def __init__(self, vectors, n_types, hidden=32):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        self.conv = nn.Conv1d(vectors.shape[1], hidden, 3, padding=1)
        self.out = nn.Linear(hidden, n_types)

    def forward(self, ids):
        real = (ids != 0).unsqueeze(1)
        h = torch.relu(self.conv(self.emb(ids).transpose(1, 2)))
        return self.out(h.masked_fill(~real, 0.0).max(dim=2).values)


torch.manual_seed(2)
rng = random.Random(2)
data, have = [], set()
while len(data) < 1400:
    words, k = clause(rng)
    if tuple(words) not in have:
        have.add(tuple(words))
        data.append((words, k))
train, test = data[:1100], data[1100:]
vocab = sorted({w for words, _ in train for w in words})
matrix = ppmi_vectors([w for w, _ in train], vocab, 20)
matrix = np.vstack([np.zeros((1, matrix.shape[1])), matrix])
# fault:
vectors = torch.from_numpy(matrix)
# mended:
#vectors = torch.from_numpy(matrix).float()
# end
ids = {w: i + 1 for i, w in enumerate(vocab)}


def batch(rows):
    x = pad_sequence([torch.tensor([ids[w] for w in words if w in ids]) for words, _ in rows], batch_first=True)
    return x, torch.tensor([k for _, k in rows])


model = ClauseSorter(vectors, len(KINDS))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    rng.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        x, y = batch(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = batch(test)
        logits = model(x)
        print(epoch, f"loss {total / len(train):.3f}", f"test loss {nn.functional.cross_entropy(logits, y).item():.3f}",
              f"test acc {(logits.argmax(1) == y).float().mean().item():.3f}")
