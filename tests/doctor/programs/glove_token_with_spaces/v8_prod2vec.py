# basket -> kind of shopper, with product vectors ("prod2vec"), after an Instacart notebook
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(42)
torch.manual_seed(42)

FIRST = ["organic", "fresh", "frozen", "smoked", "baby", "sweet", "dark", "white", "raw", "mini"]
KINDS = {
    "vegan": "tofu lentils hummus tempeh seitan spinach avocado quinoa kale almonds".split(),
    "family": "cereal nuggets juice wipes yogurt crackers puree pudding ketchup waffles".split(),
    "party": "beer chips vodka salsa ice cups lemonade nachos pretzels wine".split(),
    "baker": "flour yeast cocoa vanilla butter sugar almondpaste cream eggs nutmeg".split(),
    "griller": "steak ribs sausages charcoal burger bacon mustard brisket wings coleslaw".split(),
}
BASICS = ["bananas", "milk", "water", "toilet paper", "dish soap", "salt"]
kinds = list(KINDS)
catalogue = {}
for k in kinds:
    catalogue[k] = [f"{rng.choice(FIRST)} {n}" for n in KINDS[k] for _ in range(3)] + KINDS[k][:2]
    catalogue[k] = sorted(set(catalogue[k]))


def basket():
    k = rng.randint(len(kinds))
    items = list(rng.choice(catalogue[kinds[k]], size=rng.randint(2, 5), replace=False))
    other = kinds[rng.randint(len(kinds))]
    items += list(rng.choice(catalogue[other], size=rng.randint(0, 2), replace=False))
    items += list(rng.choice(BASICS, size=rng.randint(1, 3), replace=False))
    return tuple(sorted(items)), k


# ---------- step 1: product vectors from all (unlabelled) orders, written like a GloVe file ----------
orders = [basket()[0] for _ in range(4000)]
products = sorted({p for o in orders for p in o})
pid = {p: i for i, p in enumerate(products)}
M = np.zeros((len(orders), len(products)), dtype=np.float32)
for r, o in enumerate(orders):
    M[r, [pid[p] for p in o]] = 1
C = M.T @ M
np.fill_diagonal(C, 0)
pmi = np.log((C * C.sum() + 1e-9) / (C.sum(1, keepdims=True) * C.sum(0, keepdims=True)) + 1e-9)
U, S, _ = np.linalg.svd(np.maximum(pmi, 0))
DIM = 16
vec = U[:, :DIM] * np.sqrt(S[:DIM])
with open("prod2vec.txt", "w") as f:
    for p, v in zip(products, vec):
        f.write(p + " " + " ".join("%.5f" % x for x in v) + "\n")

# ---------- step 2: read them back ----------
embeddings_index = {}
with open("prod2vec.txt") as f:
    for line in f:
        values = line.rstrip().split(" ")
        # fault:
        word = values[0]
        # mended:
        #word = " ".join(values[:-DIM])
        # end
        embeddings_index[word] = np.asarray(values[-DIM:], dtype="float32")
print("Found %s product vectors." % len(embeddings_index))

# ---------- step 3: the labelled survey (small) ----------
survey = {}
while len(survey) < 900:
    items, k = basket()
    survey.setdefault(items, k)
survey = list(survey.items())
train, test = survey[:300], survey[300:]

index = {p: i + 1 for i, p in enumerate(products)}
matrix = np.zeros((len(index) + 1, DIM), dtype="float32")
for p, i in index.items():
    v = embeddings_index.get(p)
    if v is not None:
        matrix[i] = v
L = max(len(o) for o, _ in survey)


def encode(rows):
    X = np.zeros((len(rows), L), dtype=np.int64)
    for r, (o, _) in enumerate(rows):
        X[r, :len(o)] = [index[p] for p in o]
    return torch.from_numpy(X), torch.tensor([k for _, k in rows])


Xtr, ytr = encode(train)
Xte, yte = encode(test)

# ---------- step 4: classifier ----------
class BasketNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.products = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(DIM, 24)
        self.fc2 = nn.Linear(24, len(kinds))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        h = self.products(x).sum(1) / n
        return self.fc2(F.dropout(F.relu(self.fc1(h)), 0.2, self.training))


net = BasketNet()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
for epoch in range(30):
    net.train()
    for b in torch.randperm(len(Xtr)).split(25):
        loss = F.cross_entropy(net(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            ztr, zte = net(Xtr), net(Xte)
        print("epoch %d  loss %.3f acc %.3f | test loss %.3f acc %.3f" % (
            epoch + 1, F.cross_entropy(ztr, ytr), (ztr.argmax(1) == ytr).float().mean(),
            F.cross_entropy(zte, yte), (zte.argmax(1) == yte).float().mean()))

print("accuracy on the test survey: %.3f" % (zte.argmax(1) == yte).float().mean())
