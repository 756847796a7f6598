"""Hotel review sentences, polarity.  The training reviews come from one portal, the test reviews from another
whose guests use other words; the word vectors cover both."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(41)
rs = np.random.RandomState(41)
torch.manual_seed(41)
DIM, N_OPINION, N_FACT = 40, 240, 200
direction = rs.randn(DIM)
direction /= np.linalg.norm(direction)
words, polarity = [], {}
rows = []
for i in range(N_OPINION):
    pol = 1 if i % 2 else -1
    w = f"opinion{i}"
    polarity[w] = pol
    words.append(w)
    rows.append(rs.randn(DIM) * 0.45 + pol * 1.1 * direction)
for i in range(N_FACT):
    words.append(f"fact{i}")
    rows.append(rs.randn(DIM) * 0.6)
with open("hotel.vec", "w") as f:
    f.write(f"{len(words)} {DIM}\n")
    for w, v in zip(words, rows):
        f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")

op = [w for w in words if w.startswith("opinion")]
random.shuffle(op)
portal_a, portal_b = op[:80], op[80:]
facts = [w for w in words if w.startswith("fact")]


def review(lexicon):
    y = random.randrange(2)
    good = [w for w in lexicon if polarity[w] == (1 if y else -1)]
    ws = random.choices(good, k=random.randint(1, 3)) + random.choices(facts, k=random.randint(3, 7))
    random.shuffle(ws)
    return ws, y


def load(path):
    with open(path) as f:
        n, d = map(int, f.readline().split())
        ids, mat = {"<pad>": 0}, np.zeros((n + 1, d), np.float32)
        for line in f:
            w, *v = line.split(" ")
            mat[len(ids)] = np.array(v, np.float32)
            ids[w] = len(ids)
    return ids, torch.from_numpy(mat)


ids, matrix = load("hotel.vec")


def tensors(n, lexicon):
    data = [review(lexicon) for _ in range(n)]
    x = torch.zeros(n, 10, dtype=torch.long)
    for i, (ws, _) in enumerate(data):
        x[i, :len(ws)] = torch.tensor([ids[w] for w in ws])
    return x, torch.tensor([y for _, y in data])


xa, ya = tensors(4000, portal_a)
xs, ys = tensors(600, portal_a)
xb, yb = tensors(600, portal_b)


class Polarity(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(matrix.clone(), freeze=False, padding_idx=0)
        self.hidden = nn.Linear(DIM, 32)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        m = (x > 0).unsqueeze(-1).float()
        z = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.out(torch.tanh(self.hidden(z)))


model = Polarity()
head = [*model.hidden.parameters(), *model.out.parameters()]
# fault:
opt = torch.optim.Adam([{"params": head, "lr": 1e-3}, {"params": model.emb.parameters(), "lr": 5e-2}])
# mended:
# opt = torch.optim.Adam([{"params": head, "lr": 1e-3}, {"params": model.emb.parameters(), "lr": 1e-4}])
# end


def acc(x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


for epoch in range(8):
    model.train()
    tot = 0.0
    for b in torch.randperm(len(xa)).split(40):
        loss = F.cross_entropy(model(xa[b]), ya[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f"epoch {epoch} loss {tot / 100:.4f}  same portal {acc(xs, ys):.3f}  other portal {acc(xb, yb):.3f}")
