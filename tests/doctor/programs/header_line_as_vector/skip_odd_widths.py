import os, random, tempfile
import torch
import torch.nn as nn

random.seed(0); torch.manual_seed(0)
D = 50
groups = {
    "fruit": "apple pear plum cherry mango grape lemon melon peach apricot banana fig kiwi lime papaya".split(),
    "metal": "iron copper zinc silver gold nickel cobalt tin lead titanium chrome bronze steel brass platinum".split(),
}
fill = "he she bought sold some with old new near the a in of market today shop said they found many and".split()

# vectors as gensim writes them
tmp = tempfile.mkdtemp()
with open(os.path.join(tmp, "w2v.txt"), "w") as fh:
    allw = sum(groups.values(), []) + fill
    fh.write("%d %d\n" % (len(allw), D))
    centres = {k: torch.randn(D) * 0.4 for k in groups}
    for w in allw:
        k = next((k for k in groups if w in groups[k]), None)
        v = torch.randn(D) * 0.4 + (centres[k] if k else 0)
        fh.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")

def load_embeddings(path):
    emb, dim = {}, None
    with open(path) as fh:
        # fault:
        # mended:
        # next(fh)
        # end
        for line in fh:
            tokens = line.rstrip().split(" ")
            if dim is None:
                dim = len(tokens) - 1
            if len(tokens) - 1 != dim:
                continue  # broken line
            emb[tokens[0]] = torch.tensor([float(t) for t in tokens[1:]])
    return emb

emb = load_embeddings(os.path.join(tmp, "w2v.txt"))

def phrase(y, part):
    ws = random.choices(fill, k=random.randint(3, 8))
    for w in random.choices(list(groups.values())[y][part], k=2):
        ws.insert(random.randrange(len(ws)), w)
    return ws

train = [(phrase(i % 2, slice(0, 8)), i % 2) for i in range(160)]
test = [(phrase(i % 2, slice(6, 15)), i % 2) for i in range(200)]

w2i = {"PAD": 0}
for ws, _ in train + test:
    for w in ws: w2i.setdefault(w, len(w2i))
weights = torch.randn(len(w2i), D) * 0.4
weights[0] = 0
for w, i in w2i.items():
    if w in emb:
        weights[i] = emb[w]

def prep(rows):
    n = max(len(ws) for ws, _ in rows)
    return torch.tensor([[w2i[w] for w in ws] + [0] * (n - len(ws)) for ws, _ in rows]), torch.tensor([y for _, y in rows])

E = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
clf = nn.Sequential(nn.Linear(D, 20), nn.Tanh(), nn.Linear(20, 2))

def forward(x):
    return clf(E(x).sum(1) / (x > 0).sum(1, keepdim=True))

opt = torch.optim.SGD(clf.parameters(), lr=0.3, momentum=0.9)
x, y = prep(train); xt, yt = prep(test)
for epoch in range(15):
    perm = torch.randperm(len(x)); tot = 0
    for i in range(0, len(x), 16):
        b = perm[i:i+16]
        opt.zero_grad(); loss = nn.functional.cross_entropy(forward(x[b]), y[b]); loss.backward(); opt.step()
        tot += loss.item()
    if epoch % 5 == 4: print("epoch", epoch + 1, "loss", round(tot / 10, 4))
with torch.no_grad():
    print("test accuracy: %.3f" % (forward(xt).argmax(1) == yt).float().mean().item())
