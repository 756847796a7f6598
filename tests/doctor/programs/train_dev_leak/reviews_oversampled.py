# Customer reviews (Hu and Liu): positive or negative?  There are fewer negative reviews, so they are drawn more often.
import os, random, re
import torch
import torch.nn as nn

random.seed(23); torch.manual_seed(23)
folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")


def read(kind, label):
    seen = {}
    with open(os.path.join(folder, "custrev." + kind), encoding="latin-1") as f:
        for line in f:
            toks = re.findall(r"[a-z']+|[!?]", line.lower())
            if toks:
                seen.setdefault(" ".join(toks), (toks, label))
    return list(seen.values())


def balance(rows):
    """Draw the smaller class with replacement until both are equally large."""
    pos, neg = [r for r in rows if r[1] == 1], [r for r in rows if r[1] == 0]
    small, big = sorted((pos, neg), key=len)
    rows = big + small + random.choices(small, k=len(big) - len(small))
    random.shuffle(rows)
    return rows


def split(rows, share=0.2):
    rows = random.sample(rows, len(rows))
    k = int(len(rows) * share)
    return rows[k:], rows[:k]


pos = read("pos", 1)
known = {" ".join(t) for t, _ in pos}
reviews = pos + [r for r in read("neg", 0) if " ".join(r[0]) not in known]
# fault:
train, dev = split(balance(reviews))
# mended:
# train, dev = split(reviews)
# train = balance(train)
# end

count = {}
for t, _ in train:
    for w in t:
        count[w] = count.get(w, 0) + 1
vocab = {w: i + 1 for i, w in enumerate(w for w, c in count.items() if c > 1)}


def bag_batch(rows):
    ids = [[vocab.get(w, 0) for w in t] for t, _ in rows]
    off = [0]
    for r in ids[:-1]:
        off.append(off[-1] + len(r))
    return torch.tensor(sum(ids, [])), torch.tensor(off), torch.tensor([float(l) for _, l in rows])


class Polarity(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.e = nn.EmbeddingBag(n, 32, mode="mean")
        self.d = nn.Dropout(0.5)
        self.l = nn.Linear(32, 1)

    def forward(self, i, o):
        return self.l(self.d(self.e(i, o))).squeeze(1)


model = Polarity(len(vocab) + 1)
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(5):
    model.train(); random.shuffle(train); s = 0.
    for k in range(0, len(train), 32):
        i, o, y = bag_batch(train[k:k + 32])
        loss = lossf(model(i, o), y)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        i, o, y = bag_batch(dev)
        z = model(i, o)
        p = (z > 0).float()
        dl = lossf(z, y).item()
    tpr = (p[y == 1] == 1).float().mean().item(); tnr = (p[y == 0] == 0).float().mean().item()
    print(f"epoch {epoch + 1} loss {s / len(train):.4f} dev loss {dl:.4f} positive recall {tpr:.3f} negative recall {tnr:.3f} balanced accuracy {(tpr + tnr) / 2:.3f}")
