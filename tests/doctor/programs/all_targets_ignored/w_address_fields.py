# Label the parts of delivery addresses (street, house number, postcode, town, ...).
# The annotation tool exports -1 for each token that nobody has confirmed.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(3)
torch.manual_seed(3)
TAGS = ["street", "number", "postcode", "town", "name", "note"]
UNCONFIRMED = -1

streets = [f"{a}{b}" for a in "oak mill king high church garden station river hill".split() for b in ("street", "lane", "road", "way")]
towns = [a + b for a in "ash bur clif dun east fair green hart".split() for b in ("ton", "ford", "ham", "by", "well")]
names = [a + b for a in "mar jo an pet sim har lil".split() for b in ("ia", "hn", "na", "er", "on", "vey")]
notes = "ring bell leave porch side gate call first neighbour back door".split()


def digits(n):
    return "".join(map(str, rng.integers(0, 10, n)))


def record():
    parts = [(rng.choice(names), 4), (rng.choice(names), 4)]
    parts += [(rng.choice(streets), 0), (digits(rng.integers(1, 4)), 1)]
    place = [(digits(5), 2), (rng.choice(towns), 3)]
    parts += place if rng.random() < .5 else place[::-1]
    parts += [(w, 5) for w in rng.choice(notes, rng.integers(0, 4))]
    return [str(w) for w, _ in parts], [t for _, t in parts]


def export(n, reviewed):
    docs = []
    for _ in range(n):
        toks, tags = record()
        if rng.random() > reviewed:
            tags = [UNCONFIRMED] * len(tags)
        else:
            tags = [t if rng.random() < .8 else UNCONFIRMED for t in tags]
        docs.append((toks, tags))
    return docs


shape = lambda w: "#" * len(w) if w.isdigit() else w
docs = export(900, reviewed=.6)
gold = [record() for _ in range(300)]
vocab = {"": 0, "?": 1}
for toks, _ in docs:
    for t in toks:
        vocab.setdefault(shape(t), len(vocab))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.out = nn.Linear(48, len(TAGS))

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2)
        return self.out(h)


def collate(rows):
    T = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long)
    y = torch.full((len(rows), T), UNCONFIRMED)
    for i, (toks, tags) in enumerate(rows):
        x[i, :len(toks)] = torch.tensor([vocab.get(shape(t), 1) for t in toks])
        y[i, :len(tags)] = torch.tensor(tags)
    return x, y


# fault:
usable = docs
# mended:
# usable = [d for d in docs if any(t != UNCONFIRMED for t in d[1])]
# end
print(len(docs), "addresses exported,", len(usable), "used")

model = Tagger()
optim = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
for ep in range(3):
    losses = []
    order = rng.permutation(len(usable))
    for i in range(0, len(order), 6):
        x, y = collate([usable[j] for j in order[i:i + 6]])
        known = (y != UNCONFIRMED).float()
        per_token = F.cross_entropy(model(x).transpose(1, 2), y.clamp(min=0), reduction="none")
        loss = (per_token * known).sum() / known.sum()
        optim.zero_grad(); loss.backward(); optim.step()
        losses.append(loss.item())
    with torch.no_grad():
        x, y = collate(gold)
        hit = (model(x).argmax(-1) == y)[y != UNCONFIRMED].float().mean().item()
    print("epoch", ep, "train loss", round(float(np.mean(losses)), 4), "token accuracy on gold", round(hit, 4))
