"""Sort clinic notes into departments. Word vectors are unit length; many drug names have none."""
import random

import torch
import torch.nn.functional as F
from torch import nn, optim

random.seed(41)
torch.manual_seed(41)

DEPTS = {
    "cardio": "heart pulse chest pressure valve murmur artery beat rhythm infarct vein stroke clot bypass".split(),
    "ortho": "knee hip fracture joint bone sprain cast ankle spine tendon shoulder wrist plaster limp".split(),
    "derma": "skin rash itch mole eczema blister acne scalp lesion patch redness nail wart sunburn".split(),
}
COMMON = "patient reports since yesterday mild severe no with and after before history of daily takes denies left right stable review in two weeks".split()
DRUGS = ["".join(random.choice(["zo", "pra", "lex", "tri", "va", "mol", "cet", "ril", "do", "fen"]) for _ in range(3)) for _ in range(120)]

known = {}
for k, words in enumerate(DEPTS.values()):
    centre = F.normalize(torch.randn(48), dim=0)
    for w in words:
        known[w] = F.normalize(centre + 0.9 * F.normalize(torch.randn(48), dim=0), dim=0)
for w in COMMON:
    known[w] = F.normalize(torch.randn(48), dim=0)

names = list(DEPTS)


def note(y):
    tokens = random.choices(COMMON, k=random.randint(5, 12)) + random.choices(DEPTS[names[y]], k=random.randint(2, 4))
    tokens += random.choices(DRUGS, k=random.randint(2, 5))
    random.shuffle(tokens)
    return tokens


train = [(note(i % 3), i % 3) for i in range(300)]
dev = [(note(i % 3), i % 3) for i in range(300)]
vocab = ["<pad>"] + sorted({w for toks, _ in train + dev for w in toks})
ids = {w: i for i, w in enumerate(vocab)}

# fault:
weight = torch.randn(len(vocab), 48)
# mended:
# weight = F.normalize(torch.randn(len(vocab), 48), dim=1)
# end
weight[0] = 0
for w, v in known.items():
    if w in ids:
        weight[ids[w]] = v


class NoteClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.project = nn.Sequential(nn.Linear(48, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, 3))

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.project(self.vectors(x).sum(1) / n)


def tensorise(rows):
    width = max(len(t) for t, _ in rows)
    return (torch.tensor([[ids[w] for w in t] + [0] * (width - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows]))


model = NoteClassifier()
optimizer = optim.Adam(model.project.parameters(), lr=0.01)
x, y = tensorise(train)
xd, yd = tensorise(dev)
for epoch in range(20):
    model.train()
    running = 0.0
    for idx in torch.randperm(300).split(20):
        out = model(x[idx])
        loss = F.cross_entropy(out, y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() / 15
    if epoch % 4 == 3:
        model.eval()
        with torch.no_grad():
            print(f"epoch {epoch + 1}: loss {running:.3f}  dev {(model(xd).argmax(1) == yd).float().mean():.3f}")
