"""150 labelled hotel comments, word vectors from a file."""
import random
import numpy as np
import torch
import torch.nn as nn

SEED = 8
rng = np.random.default_rng(SEED)
random.seed(SEED)
torch.manual_seed(SEED)
DIM = 50


def word():
    return "".join(rng.choice(list("bcdfghklmnprstvz")) + rng.choice(list("aeiou")) for _ in range(rng.integers(2, 5)))


def make_vectors(path):
    words = set()
    while len(words) < 2600:
        words.add(word())
    words = sorted(words)
    rng.shuffle(words)
    axis = rng.normal(size=DIM)
    axis /= np.linalg.norm(axis)
    kind = np.array([1] * 300 + [-1] * 300 + [0] * 2000)
    vec = rng.normal(size=(2600, DIM)) * 0.35 + 1.3 * kind[:, None] * axis
    with open(path, "w") as f:
        for w, v in zip(words, vec):
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")
    return words


lexicon = make_vectors("vectors.50d.txt")
PLUS, MINUS, REST = lexicon[:300], lexicon[300:600], lexicon[600:]


def comment():
    y = random.randrange(2)
    own, other = (PLUS, MINUS) if y else (MINUS, PLUS)
    toks = random.choices(own, k=random.randint(3, 5)) + random.choices(other, k=random.randint(0, 2)) + random.choices(REST, k=random.randint(8, 22))
    random.shuffle(toks)
    return " ".join(toks), y


train = [comment() for _ in range(150)]
dev = [comment() for _ in range(600)]

itos, mat = ["<pad>"], [np.zeros(DIM, dtype=np.float32)]
with open("vectors.50d.txt") as f:
    for line in f:
        w, *v = line.split()
        itos.append(w)
        mat.append(np.array(v, dtype=np.float32))
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.from_numpy(np.stack(mat))


def pad(rows):
    n = max(len(t.split()) for t, _ in rows)
    ids = [[stoi[w] for w in t.split()] for t, _ in rows]
    return torch.tensor([i + [0] * (n - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        # end
        self.drop = nn.Dropout(0.2)
        self.lin = nn.Linear(DIM, 2)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.lin(self.drop(self.emb(x).sum(1) / n))


model = Clf()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.03)
xt, yt = pad(train)
xd, yd = pad(dev)
for epoch in range(1, 41):
    model.train()
    for b in torch.randperm(len(xt)).split(16):
        opt.zero_grad()
        nn.functional.cross_entropy(model(xt[b]), yt[b]).backward()
        opt.step()
    if epoch % 5 == 0:
        model.eval()
        with torch.no_grad():
            a, b = model(xt), model(xd)
            print(f"epoch {epoch}: train loss {nn.functional.cross_entropy(a, yt):.3f} acc {(a.argmax(1) == yt).float().mean():.3f}  "
                  f"dev loss {nn.functional.cross_entropy(b, yd):.3f} acc {(b.argmax(1) == yd).float().mean():.3f}")
