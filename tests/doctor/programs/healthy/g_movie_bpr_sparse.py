# BPR recommender: an item is the bag of the words in its title, big tables get sparse gradients.
import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid

rng = np.random.default_rng(2024)
torch.manual_seed(2024)

GENRE_WORDS = {
    "horror": "blood night scream grave curse shadow knife howl".split(),
    "romance": "love heart kiss wedding letter summer bride promise".split(),
    "western": "gun dust saddle ranch sheriff canyon outlaw river".split(),
    "space": "star orbit galaxy planet comet robot signal void".split(),
    "sport": "team goal race ring champion season coach final".split(),
}
COMMON = "the of a return last new great little big first".split()
words = COMMON + [w for ws in GENRE_WORDS.values() for w in ws]
wid = {w: i for i, w in enumerate(words)}
genres = list(GENRE_WORDS)

N_USERS, N_ITEMS = 300, 400
item_genre = rng.integers(0, 5, N_ITEMS)
titles = []
for g in item_genre:
    own = list(rng.choice(GENRE_WORDS[genres[g]], 2, replace=False))
    if rng.random() < 0.3:
        own.append(rng.choice(GENRE_WORDS[genres[rng.integers(5)]]))
    titles.append(own + list(rng.choice(COMMON, rng.integers(1, 4), replace=False)))

taste = rng.dirichlet(np.full(5, 0.25), N_USERS)
popularity = rng.gamma(2.0, 1.0, N_ITEMS)
seen, hold = [], []
for u in range(N_USERS):
    p = taste[u][item_genre] * popularity + 1e-4
    liked = rng.choice(N_ITEMS, 32, replace=False, p=p / p.sum())
    seen.append(liked[:27])
    hold.append(liked[27:])
is_liked = np.zeros((N_USERS, N_ITEMS), bool)
for u in range(N_USERS):
    is_liked[u, seen[u]] = True

flat = torch.tensor([wid[w] for t in titles for w in t])
start = torch.tensor(np.cumsum([0] + [len(t) for t in titles[:-1]]))
length = torch.tensor([len(t) for t in titles])
pairs = np.array([(u, i) for u in range(N_USERS) for i in seen[u]])


class Recommender(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.user = nn.Embedding(N_USERS, k, sparse=True)
        self.word = nn.EmbeddingBag(len(words), k, mode="mean", sparse=True)
        self.bias = nn.Parameter(torch.zeros(N_ITEMS))
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.word.weight, std=0.1)

    def items(self, ids):
        flat_ids = torch.cat([flat[start[i]: start[i] + length[i]] for i in ids.tolist()])
        n = length[ids]
        return self.word(flat_ids, torch.cat([n.new_zeros(1), n.cumsum(0)[:-1]]))

    def forward(self, u, pos, neg):
        q = self.user(u)
        both = self.items(torch.cat([pos, neg]))
        p, n = both.chunk(2)
        return (q * (p - n)).sum(-1) + self.bias[pos] - self.bias[neg]

    @torch.no_grad()
    def scores(self):
        return (self.user.weight @ self.items(torch.arange(N_ITEMS)).T + self.bias).numpy()


def auc(model, which):
    s, out = model.scores(), []
    for u in range(N_USERS):
        other = ~is_liked[u]
        other[hold[u]] = False
        out.append(np.mean(s[u, which[u]][:, None] > s[u, other][None]))
    return float(np.mean(out))


net = Recommender()
opt_sparse = torch.optim.SparseAdam([net.user.weight, net.word.weight], lr=0.04)
opt_dense = torch.optim.Adam([net.bias], lr=0.02)
print("before: held-out auc %.3f" % auc(net, hold))
for epoch in range(5):
    rng.shuffle(pairs)
    neg = rng.integers(0, N_ITEMS, len(pairs))
    while (clash := is_liked[pairs[:, 0], neg]).any():
        neg[clash] = rng.integers(0, N_ITEMS, clash.sum())
    losses = []
    for k in range(0, len(pairs), 256):
        u, i = torch.from_numpy(pairs[k:k + 256].copy()).T
        margin = net(u, i, torch.from_numpy(neg[k:k + 256]))
        loss = -logsigmoid(margin).mean()
        opt_sparse.zero_grad()
        opt_dense.zero_grad()
        loss.backward()
        opt_sparse.step()
        opt_dense.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: bpr {np.mean(losses):.4f}  auc seen {auc(net, seen):.3f}  auc held out {auc(net, hold):.3f}")
top = np.where(is_liked, -9, net.scores()).argsort(1)[:, ::-1][:, :10]
print("hit@10 on held-out likes: %.3f (random %.3f)" % (np.mean([len(set(top[u]) & set(hold[u])) > 0 for u in range(N_USERS)]), 1 - (1 - 10 / 373) ** 5))
