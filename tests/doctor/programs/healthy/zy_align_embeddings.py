# %% [markdown]
# # Map one embedding space onto another
# GloVe (Wikipedia, 50d) -> GloVe (Twitter, 25d).  One matrix, trained on word pairs with a cosine objective
# (the objective is minus the mean cosine, so it goes towards -1).

# %%
import gzip, os
import numpy as np
import torch

torch.manual_seed(3)
V = os.path.join(os.environ["WORDFIT_DATA"], "vectors")

def load(fname):
    vecs = {}
    with gzip.open(os.path.join(V, fname), "rt", encoding="utf-8") as fh:
        for line in fh:
            cells = line.rstrip().split(" ")
            vecs[cells[0]] = np.array(cells[1:], dtype=np.float32)
    return vecs

src = load("glove.6B.50d.top10361.txt.gz")
tgt = load("glove.twitter.27B.25d.common11925.txt.gz")
common = [w for w in src if w in tgt and w.isalpha()]
print(len(common), "words in both")

# %% centre and normalise both sides, with the statistics of the training words
rng = np.random.RandomState(0)
rng.shuffle(common)
train_words, test_words = common[:-800], common[-800:]
A = torch.tensor(np.stack([src[w] for w in common]))
B = torch.tensor(np.stack([tgt[w] for w in common]))
n = len(train_words)
A = (A - A[:n].mean(0)) / A[:n].std(0)
B = (B - B[:n].mean(0)) / B[:n].std(0)
Atr, Ate, Btr, Bte = A[:n], A[n:], B[:n], B[n:]

# %%
mapping = torch.nn.Linear(50, 25, bias=False)
torch.nn.init.normal_(mapping.weight, std=0.1)
opt = torch.optim.Adam(mapping.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
cos = torch.nn.CosineSimilarity(dim=1)

def retrieval(x, y, words, k=10):
    with torch.no_grad():
        p = torch.nn.functional.normalize(mapping(x), dim=1) @ torch.nn.functional.normalize(y, dim=1).T
    top = p.topk(k, dim=1).indices
    hit = (top == torch.arange(len(x))[:, None]).any(1).float().mean().item()
    return hit, top

print("before: P@10 among 800 words = %.3f (chance %.3f)" % (retrieval(Ate, Bte, test_words)[0], 10 / 800))
for epoch in range(10):
    perm = torch.randperm(n)
    total = 0
    for i in range(0, n, 64):
        j = perm[i:i + 64]
        loss = -cos(mapping(Atr[j]), Btr[j]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(j)
    sched.step()
    with torch.no_grad():
        held = cos(mapping(Ate), Bte).mean().item()
    print("epoch %d  objective %.4f  held-out cosine %.4f" % (epoch + 1, total / n, held))

# %%
hit_tr, _ = retrieval(Atr[:800], Btr[:800], train_words)
hit_te, top = retrieval(Ate, Bte, test_words)
print("P@10 train words %.3f, held-out words %.3f" % (hit_tr, hit_te))
for i in range(4):
    print(test_words[i], "->", [test_words[t] for t in top[i, :4]])
