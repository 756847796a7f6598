"""Which continent? Trained on some city names, tested on others, with vectors that know them all."""
import random

import torch
from torch import nn

random.seed(71)
torch.manual_seed(71)
DIM, CONTINENTS, CITIES = 32, 5, 60
parts = "san por ber lin ma dri ka sha to rin vel os gar del ta mun".split()
names = []
while len(names) < CONTINENTS * CITIES:
    n = "".join(random.choices(parts, k=random.randint(2, 3))) + random.choice(["o", "a", "burg", "ville", "i"])
    if n not in names:
        names.append(n)
continent = {n: i % CONTINENTS for i, n in enumerate(names)}
frame = "we flew to for the weekend because my sister lives in and likes it there now".split()
vocab = {w: i for i, w in enumerate(["<pad>"] + frame + names)}
centre = torch.randn(CONTINENTS, DIM) * 0.22
glove_like = torch.randn(len(vocab), DIM) * 0.3
for n in names:
    glove_like[vocab[n]] += centre[continent[n]]
glove_like[0] = 0
seen, unseen = names[:200], names[200:]


def make(n, pool):
    xs, ys = [], []
    for _ in range(n):
        city = random.choice(pool)
        words = random.choices(frame, k=random.randint(3, 7))
        words.insert(random.randrange(len(words)), city)
        xs.append(torch.tensor([vocab[w] for w in words]))
        ys.append(continent[city])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class CityModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(glove_like.clone(), freeze=False, padding_idx=0)
        self.fc = nn.Linear(DIM, CONTINENTS)

    def forward(self, x):
        return self.fc(self.emb(x).sum(1))


x, y = make(1500, seen)
xs, ys = make(300, seen)
xu, yu = make(300, unseen)
model = CityModel()
groups = [
    # fault:
    {"params": model.emb.parameters(), "lr": 2e-2},
    # mended:
    # {"params": model.emb.parameters(), "lr": 1e-4},
    # end
    {"params": model.fc.parameters(), "lr": 3e-3},
]
optimizer = torch.optim.Adam(groups)
for epoch in range(8):
    for idx in torch.randperm(len(x)).split(30):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        a = (model(xs).argmax(1) == ys).float().mean().item()
        b = (model(xu).argmax(1) == yu).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} known cities {a:.3f} new cities {b:.3f}")
