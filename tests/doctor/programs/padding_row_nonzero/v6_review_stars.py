# Customer review classifier (good / bad phone review) -- bag of vectors baseline for the forum post
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(9)
np.random.seed(9)
torch.manual_seed(9)

GOOD = "great excellent bright fast sturdy lovely crisp reliable smooth perfect handy superb".split()
BAD = "poor slow dull weak broken awful noisy flimsy blurry useless laggy terrible".split()
PARTS = "screen battery camera speaker case button charger menu signal keyboard lens cable".split()
EXTRA = "i we bought this phone last week and it is for my mother the shop was nice delivery took two days box arrived " \
        "color black size model number called support they said come home with us on a trip used daily".split()


def review():
    label = random.randint(0, 1)
    n = random.choice([1, 2, 3, 3])
    words = []
    for _ in range(n):
        own = random.random() < 0.85
        pool = GOOD if (label == 1) == own else BAD
        words += ["the", random.choice(PARTS), "is", random.choice(pool)]
    words += random.choices(EXTRA, k=random.randint(0, 18))
    good = sum(w in GOOD for w in words)
    bad = sum(w in BAD for w in words)
    return (" ".join(words), int(good > bad)) if good != bad else review()


texts = {}
while len(texts) < 1500:
    t, y = review()
    texts[t] = y
rows = list(texts.items())
random.shuffle(rows)
train, test = rows[:1100], rows[1100:]

word2idx = {"<pad>": 0}
for t, _ in rows:
    for w in t.split():
        word2idx.setdefault(w, len(word2idx))

# word vectors of the shop: sentiment words lie in two regions, the rest is spread out
DIM = 16
direction = np.random.randn(DIM)
direction /= np.linalg.norm(direction)
weights = np.random.randn(len(word2idx), DIM).astype("float32")
for w, i in word2idx.items():
    if w in GOOD:
        weights[i] += 2.5 * direction
    elif w in BAD:
        weights[i] -= 2.5 * direction
weights = torch.from_numpy(weights / np.linalg.norm(weights, axis=1, keepdims=True))

MAX_LEN = 60


def encode(rows):
    x = np.zeros((len(rows), MAX_LEN), dtype=np.int64)
    for i, (t, _) in enumerate(rows):
        ids = [word2idx[w] for w in t.split()][:MAX_LEN]
        x[i, :len(ids)] = ids
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])


class BagOfVectors(nn.Module):
    def __init__(self, weights, hidden=24):
        super().__init__()
        # fault:
        self.vectors = nn.Embedding(*weights.shape)
        # mended:
        #self.vectors = nn.Embedding(*weights.shape, padding_idx=0)
        # end
        self.vectors.weight.data[1:] = weights[1:]
        self.vectors.weight.requires_grad = False
        self.hidden = nn.Linear(weights.shape[1], hidden)
        self.top = nn.Linear(hidden, 2)

    def forward(self, x):
        n_words = (x > 0).sum(dim=1, keepdim=True)
        mean = self.vectors(x).sum(dim=1) / n_words
        return self.top(torch.tanh(self.hidden(mean)))


xtr, ytr = encode(train)
xte, yte = encode(test)
model = BagOfVectors(weights)
opt = torch.optim.Adam([model.hidden.weight, model.hidden.bias, *model.top.parameters()], lr=5e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(1, 21):
    model.train()
    perm = torch.randperm(len(xtr))
    total = 0.0
    for i in range(0, len(perm), 40):
        j = perm[i:i + 40]
        loss = loss_fn(model(xtr[j]), ytr[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(j)
    if epoch % 5 == 0:
        model.eval()
        with torch.no_grad():
            logits = model(xte)
            acc = (logits.argmax(1) == yte).float().mean().item()
        print(f"epoch {epoch} train loss {total / len(xtr):.3f} test loss {loss_fn(logits, yte).item():.3f} test acc {acc:.3f}")

print("share of good reviews", round(yte.float().mean().item(), 3))
print("test accuracy", round(acc, 3))
