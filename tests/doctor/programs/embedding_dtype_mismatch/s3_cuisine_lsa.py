"""
what's cooking clone: ingredient list -> cuisine
1) LSA vectors of the ingredients from the recipe x ingredient matrix   2) GRU over the list
"""
import random
import numpy as np
import torch
import torch.nn as nn
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import svds

config = {
    "seed": 42, "n_recipes": 2400, "emb_dim": 16, "hidden": 32,
    "epochs": 6, "lr": 4e-3, "batch_size": 64, "valid_frac": 0.2,
}
random.seed(config["seed"])
np.random.seed(config["seed"])
torch.manual_seed(config["seed"])

COMMON = "salt water oil onion garlic sugar flour egg butter pepper milk stock".split()
CUISINE = {
    "italian": "basil parmesan oregano mozzarella pasta tomato prosciutto ricotta polenta pancetta balsamic capers".split(),
    "mexican": "tortilla cilantro jalapeno lime cumin avocado masa chipotle salsa queso tomato black_beans".split(),
    "indian": "turmeric garam_masala ghee cumin paneer chickpeas cardamom coriander lentils basmati ginger yogurt".split(),
    "japanese": "soy_sauce mirin dashi nori sake miso wasabi sesame ginger tofu panko shiitake".split(),
    "french": "tarragon cream shallot thyme gruyere brandy leek dijon wine creme_fraiche duck capers".split(),
}
names = list(CUISINE)


def cook(label):
    own = random.sample(CUISINE[names[label]], random.randint(2, 4))
    base = random.sample(COMMON, random.randint(2, 6))
    if random.random() < 0.5:
        other = random.choice([n for n in names if n != names[label]])
        base += random.sample(CUISINE[other], 1)
    recipe = own + base
    random.shuffle(recipe)
    return recipe


recipes, seen = [], set()
while len(recipes) < config["n_recipes"]:
    y = random.randrange(len(names))
    r = cook(y)
    if frozenset(r) not in seen:
        seen.add(frozenset(r))
        recipes.append((r, y))
n_valid = int(config["valid_frac"] * len(recipes))
valid, train = recipes[:n_valid], recipes[n_valid:]
print("train:", len(train), "valid:", len(valid))

word2idx = {"<PAD>": 0}
for r, _ in train:
    for w in r:
        word2idx.setdefault(w, len(word2idx))
print("ingredients:", len(word2idx) - 1)

# --- LSA -------------------------------------------------------------------
M = lil_matrix((len(train), len(word2idx)))
for i, (r, _) in enumerate(train):
    for w in r:
        M[i, word2idx[w]] = 1.0
M = M.tocsc()
df = np.asarray(M.sum(axis=0)).ravel()
M = M.multiply(np.log(len(train) / np.maximum(df, 1.0))).tocsc()
u, s, vt = svds(M, k=config["emb_dim"], v0=np.ones(min(M.shape)))
vectors = vt.T * s
vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-8) * 2.0
vectors[0] = 0.0
print("lsa:", vectors.shape)
for probe in ["miso", "turmeric", "tortilla"]:
    sims = vectors @ vectors[word2idx[probe]]
    best = np.argsort(-sims)[1:4]
    inv = {i: w for w, i in word2idx.items()}
    print("  ", probe, "->", [inv[b] for b in best])


class CuisineNet(nn.Module):
    def __init__(self, vectors, hidden, n_classes):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=False, padding_idx=0)
        # mended:
        #self.emb = nn.Embedding.from_pretrained(torch.from_numpy(vectors).float(), freeze=False, padding_idx=0)
        # end
        self.gru = nn.GRU(vectors.shape[1], hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, n_classes)

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.head(torch.cat([h[0], h[1]], dim=-1))


def batches(rows, bs, shuffle):
    rows = list(rows)
    if shuffle:
        random.shuffle(rows)
    for i in range(0, len(rows), bs):
        part = rows[i:i + bs]
        seqs = [torch.tensor([word2idx[w] for w in r if w in word2idx]) for r, _ in part]
        lengths = torch.tensor([len(q) for q in seqs])
        yield nn.utils.rnn.pad_sequence(seqs, batch_first=True), lengths, torch.tensor([y for _, y in part])


def validate(net, rows):
    net.eval()
    hits, loss = 0, 0.0
    with torch.no_grad():
        for ids, lengths, y in batches(rows, 256, False):
            out = net(ids, lengths)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(-1) == y).sum().item()
    return loss / len(rows), hits / len(rows)


net = CuisineNet(vectors, config["hidden"], len(names))
optim = torch.optim.Adam(net.parameters(), lr=config["lr"])
for epoch in range(config["epochs"]):
    net.train()
    for ids, lengths, y in batches(train, config["batch_size"], True):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(net(ids, lengths), y)
        loss.backward()
        optim.step()
    print(f"epoch {epoch}: train {validate(net, train)} valid {validate(net, valid)}")
print("valid accuracy", validate(net, valid)[1])
