"""Rank machine logs by how likely they are to precede a stop (3 % do).  The rare class stays rare: only the ranking counts, a person looks at the top."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(149)
torch.manual_seed(149)
CODES = 40
BEFORE = [(3, 17, 8), (21, 5, 30), (11, 11, 2)]


def log():
    codes = [random.randrange(CODES) for _ in range(random.randint(10, 22))]
    stop = random.random() < 0.03
    if stop and random.random() < 0.9:
        k = random.randrange(len(codes) - 4)
        codes[k:k + 3] = random.choice(BEFORE)
    elif random.random() < 0.01:
        k = random.randrange(len(codes) - 4)
        codes[k:k + 3] = random.choice(BEFORE)
    return torch.tensor(codes), float(stop)


train, dev = [log() for _ in range(7000)], [log() for _ in range(2000)]


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(CODES + 1, 16, padding_idx=CODES)
        self.conv = nn.Conv1d(16, 48, 3)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(48, 1)

    def forward(self, logs):
        ids = pad_sequence(logs, batch_first=True, padding_value=CODES)
        h = torch.relu(self.conv(self.emb(ids).transpose(1, 2)))
        window = torch.arange(h.shape[2]) + 2 < torch.tensor([len(c) for c in logs])[:, None]
        return self.out(self.drop((h * window[:, None]).amax(2))).squeeze(1)


def average_precision(score, y):
    y = y[score.argsort(descending=True)]
    return ((y.cumsum(0) / torch.arange(1, len(y) + 1)) * y).sum().item() / y.sum().item()


model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
y_dev = torch.tensor([y for _, y in dev])
for epoch in range(6):
    random.shuffle(train)
    model.train()
    total = 0.0
    for k in range(0, len(train), 64):
        part = train[k:k + 64]
        loss = nn.functional.binary_cross_entropy_with_logits(model([c for c, _ in part]), torch.tensor([y for _, y in part]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(part)
    model.eval()
    with torch.no_grad():
        score = model([c for c, _ in dev])
    top = y_dev[score.topk(40).indices].mean().item()
    print(f"epoch {epoch + 1} loss {total / len(train):.4f} dev average precision {average_precision(score, y_dev):.3f} stops among the top 40 {top:.3f} (base rate {y_dev.mean():.3f})")
