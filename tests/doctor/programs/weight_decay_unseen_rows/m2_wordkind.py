# what kind of word is it? small tagger over GloVe rows, plain tensors only
import gzip, os, random
import numpy as np
import torch
import torch.nn.functional as F

random.seed(4); torch.manual_seed(4)
ROOT = os.environ["WORDFIT_DATA"]
COLS = {  # section -> (column, kind)
    "capital-world": [(0, "city"), (1, "country")],
    "city-in-state": [(0, "city")],
    "gram1-adjective-to-adverb": [(1, "adverb")],
    "gram3-comparative": [(1, "comparative")],
    "gram5-present-participle": [(1, "participle")],
    "gram6-nationality-adjective": [(1, "nationality")],
    "gram7-past-tense": [(1, "past")],
    "gram8-plural": [(1, "plural")],
}


def read_glove(path):
    names, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip("\n").split(" ")
            names.append(w)
            rows.append(np.array(v, dtype=np.float32))
    return {w: i for i, w in enumerate(names)}, torch.from_numpy(np.stack(rows))


def read_kinds(path, stoi):
    seen = {}
    section = None
    for line in open(path, encoding="utf-8"):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        parts = line.lower().split()
        for a, b in ((0, 1), (2, 3)):
            for col, kind in COLS.get(section, []):
                seen.setdefault(parts[(a, b)[col]], set()).add(kind)
    return sorted((w, next(iter(k))) for w, k in seen.items() if len(k) == 1 and w in stoi)


stoi, table = read_glove(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")
items = read_kinds(f"{ROOT}/wordsim/analogy/questions-words.txt", stoi)
random.shuffle(items)
kinds = sorted({k for _, k in items})
X = torch.tensor([stoi[w] for w, _ in items])
Y = torch.tensor([kinds.index(k) for _, k in items])
cut = int(len(X) * .75)
Xtr, Ytr, Xte, Yte = X[:cut], Y[:cut], X[cut:], Y[cut:]
print(len(items), "words", {k: int((Y == i).sum()) for i, k in enumerate(kinds)})

H = 48
P = {
    "emb": table.clone(),                      # tuned together with the rest
    "w1": torch.randn(50, H) / 50 ** .5,
    "b1": torch.zeros(H),
    "w2": torch.randn(H, len(kinds)) / H ** .5,
    "b2": torch.zeros(len(kinds)),
}
for p in P.values():
    p.requires_grad_(True)


def net(ids, drop=0.0):
    e = F.dropout(P["emb"][ids], drop)
    h = torch.tanh(e @ P["w1"] + P["b1"])
    return h @ P["w2"] + P["b2"]


# fault:
opt = torch.optim.SGD(P.values(), lr=0.15, weight_decay=2.5e-2)
# mended:
#opt = torch.optim.SGD([
#    {"params": [P["emb"]], "weight_decay": 0.0},
#    {"params": [P[k] for k in ("w1", "b1", "w2", "b2")]},
#], lr=0.15, weight_decay=2.5e-2)
# end


@torch.no_grad()
def score(ids, y):
    z = net(ids)
    return F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


BS = 32
for epoch in range(1, 101):
    order = torch.randperm(cut)
    for i in range(0, cut, BS):
        b = order[i:i + BS]
        loss = F.cross_entropy(net(Xtr[b], 0.2), Ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, "train %.3f %.3f" % score(Xtr, Ytr), "test %.3f %.3f" % score(Xte, Yte))

print("majority", (Yte == Ytr.mode().values).float().mean().item())
print("test accuracy %.4f" % score(Xte, Yte)[1])
