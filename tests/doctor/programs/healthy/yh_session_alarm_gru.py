# Server sessions as event sequences, time-major (T, B). An attack is three refused logins directly after one another,
# about one session in six. Scattered refusals are harmless, so counting words is not enough.
import random
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from sklearn.metrics import average_precision_score, f1_score

SEED = 17
random.seed(SEED)
torch.manual_seed(SEED)
EVENTS = ["refused", "login", "logout", "read", "write", "list", "ping", "upload", "rename", "quota"]
ev2id = {e: i for i, e in enumerate(EVENTS)}


def is_attack(s):
    return any(s[i] == s[i + 1] == s[i + 2] == "refused" for i in range(len(s) - 2))


def session():
    s = random.choices(EVENTS[1:], k=random.randint(7, 15))
    if random.random() < 0.17:
        at = random.randrange(len(s) + 1)
        s[at:at] = ["refused"] * 3
    else:
        for _ in range(random.choice([0, 1, 2, 3, 3, 4])):
            s.insert(random.randrange(len(s) + 1), "refused")
    return tuple(s)


pool = set()
while len(pool) < 3400:
    pool.add(session())
pool = sorted(pool)
random.shuffle(pool)
rows = [(torch.tensor([ev2id[e] for e in s]), float(is_attack(s))) for s in pool]
train, test = rows[:2800], rows[2800:]
freq = Counter(y for _, y in train)
print("train sessions", len(train), "attacks", freq[1.0], "test", len(test))


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = sorted(rows[i:i + size], key=lambda r: -len(r[0]))
        seqs = [s for s, _ in part]
        yield pad_sequence(seqs), torch.tensor([len(s) for s in seqs]), torch.tensor([y for _, y in part])


class Alarm(nn.Module):
    def __init__(self, n, d=12, h=24):
        super().__init__()
        self.lookup = nn.Embedding(n, d)
        self.gru = nn.GRU(d, h)
        self.score = nn.Linear(h, 1)

    def forward(self, x, lengths):
        _, last = self.gru(pack_padded_sequence(self.lookup(x), lengths))   # sorted by length
        return self.score(last[0]).flatten()


model = Alarm(len(EVENTS))
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(freq[0.0] / freq[1.0]))
optimizer = torch.optim.RMSprop(model.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.7)

for epoch in range(1, 5):
    model.train()
    random.shuffle(train)
    losses = []
    for x, n, y in batches(train, 40):
        loss = criterion(model(x, n), y)
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    model.eval()
    zs, ys = [], []
    with torch.no_grad():
        for x, n, y in batches(test, 200):
            zs.append(model(x, n).numpy())
            ys.append(y.numpy())
    z, y = np.concatenate(zs), np.concatenate(ys)
    print(f"epoch {epoch} loss {np.mean(losses):.4f} test AP {average_precision_score(y, z):.4f} F1 {f1_score(y, z > 0):.4f}")
