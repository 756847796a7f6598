"""Codes for discharge letters: several codes can hold for one letter, some are rare."""
from collections import Counter

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score
from torch import nn

torch.manual_seed(17)
rng = np.random.default_rng(17)

CODES = {"I10": 0.40, "E11": 0.30, "J44": 0.20, "N18": 0.15, "F32": 0.12, "C34": 0.07}
SIGNS = {
    "I10": ["hypertension", "ramipril", "amlodipine", "pressure", "headache"],
    "E11": ["diabetes", "metformin", "insulin", "hba1c", "glucose"],
    "J44": ["copd", "inhaler", "wheeze", "smoker", "spirometry"],
    "N18": ["creatinine", "dialysis", "egfr", "kidney", "albuminuria"],
    "F32": ["mood", "sertraline", "sleep", "sadness", "apathy"],
    "C34": ["tumour", "biopsy", "nodule", "chemotherapy", "lobectomy"],
}
PLAIN = ["patient", "admitted", "discharged", "stable", "family", "ward", "followup", "week", "therapy", "normal", "exam", "days", "history", "mild", "advised"]
VOCAB = ["<pad>"] + PLAIN + [s for signs in SIGNS.values() for s in signs]
ID = {w: i for i, w in enumerate(VOCAB)}
NAMES = list(CODES)
WIDTH = 32


def letter():
    has = [c for c in NAMES if rng.random() < CODES[c]]
    words = list(rng.choice(PLAIN, size=rng.integers(5, 12)))
    for c in has:
        words += list(rng.choice(SIGNS[c], size=rng.integers(2, 5), replace=False))
    words += list(rng.choice(VOCAB[1 + len(PLAIN):], size=1))
    rng.shuffle(words)
    return tuple(words[:WIDTH]), [float(c in has) for c in NAMES]


letters = {}
while len(letters) < 2600:
    words, codes = letter()
    letters.setdefault(words, codes)
X = torch.zeros(len(letters), WIDTH, dtype=torch.long)
for i, words in enumerate(letters):
    X[i, :len(words)] = torch.tensor([ID[str(w)] for w in words])
Y = torch.tensor(list(letters.values()))
train_x, train_y, held_x, held_y = X[:2000], Y[:2000], X[2000:], Y[2000:]


class LetterCoder(nn.Module):
    """How often signs are named matters, so the words are summed and not averaged."""

    def __init__(self, n_words, n_codes, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, d, mode="sum", padding_idx=0)
        self.bag.weight.data.mul_(0.3)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(d, n_codes)

    def forward(self, x):
        return self.out(self.drop(self.bag(x)))


model = LetterCoder(len(VOCAB), len(NAMES))
positive = Y[:2000].mean(0)
criterion = nn.BCEWithLogitsLoss(pos_weight=((1 - positive) / positive).sqrt())
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
cooling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
for epoch in range(10):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train_x)).split(40):
        x, y = train_x[idx], train_y[idx]
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    cooling.step()
    model.eval()
    with torch.no_grad():
        logits = model(held_x)
    f1 = f1_score(held_y.numpy(), (logits > 0).numpy(), average="macro", zero_division=0)
    ap = average_precision_score(held_y.numpy(), logits.numpy(), average="macro")
    print(f"epoch {epoch + 1}: train {total / len(train_x):.4f}  held out {criterion(logits, held_y).item():.4f}  macro F1 {f1:.3f}  mean AP {ap:.3f}")
everything = f1_score(held_y.numpy(), np.ones_like(held_y.numpy()), average="macro")
print(f"macro F1 of saying yes to everything: {everything:.3f}", Counter(int(n) for n in held_y.sum(1)))
