"""Committee minutes to support in percent: additive attention over the words (T, B), after Bahdanau."""
import random

import torch
import torch.nn as nn

torch.manual_seed(70)
random.seed(70)
T = 60
yes = ["agree", "support", "aye", "fine"]
no = ["refuse", "against", "nay", "never"]
noise = ["chair", "minutes", "item", "budget", "vote", "paper", "noted", "member", "session", "agenda"]
words = ["<pad>"] + yes + no + noise


def minutes():
    p = random.random()
    votes = [random.choice(yes if random.random() < p else no) for _ in range(random.choice([1, 2, 3, 5, 8, 14]))]
    text = votes + random.choices(noise, k=random.randint(0, 2 * len(votes)))
    random.shuffle(text)
    return [words.index(w) for w in text], sum(v in yes for v in votes) / len(votes)


class Attention(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.W = nn.Linear(d, k)
        self.v = nn.Linear(k, 1, bias=False)

    def forward(self, h, real):
        score = self.v(torch.tanh(self.W(h))).squeeze(2)              # (T, B)
        # fault:
        a = torch.softmax(score, dim=0)
        # mended:
        # a = torch.softmax(score.masked_fill(~real, float("-inf")), dim=0)
        # end
        return (a.unsqueeze(2) * h).sum(0)


class Minutes(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(words), 16, padding_idx=0)
        self.att = Attention(16, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        return self.out(self.att(self.embed(x), x != 0)).squeeze(1)


def to_batch(rows):
    x = torch.zeros(T, len(rows), dtype=torch.long)
    for j, (ids, _) in enumerate(rows):
        x[: len(ids), j] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


train = [minutes() for _ in range(1200)]
dev = [m for m in (minutes() for _ in range(400)) if m not in train]
model = Minutes()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
xd, yd = to_batch(dev)
for epoch in range(8):
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 24):
        x, y = to_batch(train[i : i + 24])
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y) / len(train)
    with torch.no_grad():
        p = model(xd)
    print(f"epoch {epoch} mse {running:.4f} dev mae {(p - yd).abs().mean().item():.4f} r2 {1 - ((p - yd) ** 2).mean().item() / yd.var().item():.4f}")
