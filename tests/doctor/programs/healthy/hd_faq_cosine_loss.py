"""Question and answer matcher: shared GRU, CosineEmbeddingLoss with matching and shuffled pairs."""
import random

import torch
from torch import nn

random.seed(60)
torch.manual_seed(60)
topics = [("open", "hours monday friday"), ("pay", "card cash transfer"), ("park", "garage street bicycle"), ("ship", "parcel days abroad"), ("return", "receipt weeks refund"),
          ("book", "online phone desk"), ("eat", "lunch vegan coffee"), ("bring", "ticket passport towel"), ("join", "form fee member"), ("cancel", "email notice charge")]
q_frames = ["can i {} here", "how do i {}", "is it possible to {} today", "where can we {} please", "when may i {}", "do you let people {}", "tell me how to {}"]
filler = "you can use the our with a or please ask staff at any time".split()
Q, A = [], []
for t, (verb, words) in enumerate(topics):
    for f in q_frames:
        for _ in range(22):
            a = random.choices(filler, k=random.randint(3, 6)) + random.sample(words.split(), 2)
            random.shuffle(a)
            Q.append((f.format(verb) + random.choice(["", " thanks", " hello", " sir"])).split())
            A.append((a, t))
ids = {w: i + 1 for i, w in enumerate(sorted({w for q in Q for w in q} | {w for a, _ in A for w in a}))}
rows = list({(tuple(q), tuple(a)): t for q, (a, t) in zip(Q, A)}.items())
random.shuffle(rows)
train, dev = rows[:1100], rows[1100:]


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 24, batch_first=True)

    def forward(self, texts):
        x = nn.utils.rnn.pad_sequence([torch.tensor([ids[w] for w in t]) for t in texts], batch_first=True)
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), (x > 0).sum(1), batch_first=True, enforce_sorted=False)
        return self.gru(p)[1][0]


tower = Tower()
criterion = nn.CosineEmbeddingLoss(margin=0.2)
opt = torch.optim.AdamW(tower.parameters(), lr=5e-3)
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 25):
        part = train[i : i + 25]
        q, a = tower([r[0][0] for r in part]), tower([r[0][1] for r in part])
        t = torch.tensor([r[1] for r in part])
        j = torch.randperm(len(part))
        other = t != t[j]
        loss = criterion(q, a, torch.ones(len(part))) + criterion(q[other], a[j][other], -torch.ones(int(other.sum())))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        q, a = (nn.functional.normalize(tower([r[0][k] for r in dev])) for k in (0, 1))
        t = torch.tensor([r[1] for r in dev])
        right = (t[(q @ a.T).argmax(1)] == t).float().mean()
    print(f"epoch {epoch} loss {total / 44:.4f} dev first answer on topic {right:.4f}")
