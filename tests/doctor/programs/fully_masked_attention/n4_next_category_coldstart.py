# exported from: 03_next_category.ipynb   (shop visits -> category of the next purchase)
import numpy as np, random
import torch, torch.nn as nn, torch.nn.functional as F

torch.set_num_threads(1)
random.seed(31); np.random.seed(31); torch.manual_seed(31)

N_ITEMS, N_CATS, MAXLEN, N_CHAN = 240, 6, 10, 4
R = np.random.RandomState(31)
item_cat = R.randint(0, N_CATS, N_ITEMS + 1)
channel_pref = R.dirichlet(np.ones(N_CATS) * .25, N_CHAN)   # where somebody came from says something too
PROFILE = R.randn(N_CATS, 2)
by_cat = [np.where(item_cat[1:] == c)[0] + 1 for c in range(N_CATS)]


def make_customer():
    """viewed items (0 for none), channel, (age, spend) scaled, category of the next purchase"""
    ch = R.randint(N_CHAN)
    y = R.choice(N_CATS, p=channel_pref[ch]) if R.rand() < .5 else R.randint(N_CATS)
    hist = []
    if R.rand() > .06:                      # some come straight to the till
        for _ in range(R.randint(3, MAXLEN + 1)):
            hist.append(int(random.choice(by_cat[y])) if random.random() < .55 else random.randint(1, N_ITEMS))
    prof = R.randn(2) + .4 * PROFILE[y]
    return hist, ch, prof, int(y)


customers = [make_customer() for _ in range(5000)]
seen, keep = set(), []
for h, c, f, y in customers:
    k = tuple(h)
    if h and k in seen:
        continue
    seen.add(k)
    keep.append((h, c, f, y))
test_df, train_df = keep[:800], keep[800:]


def tens(df):
    x = np.zeros((len(df), MAXLEN), dtype=np.int64)
    for r, (h, _, _, _) in enumerate(df):
        x[r, :len(h)] = h
    f = torch.tensor(np.stack([f for _, _, f, _ in df]), dtype=torch.float32)
    return torch.from_numpy(x), torch.tensor([c for _, c, _, _ in df]), f, torch.tensor([y for _, _, _, y in df])


Xtr, Ctr, Ftr, Ytr = tens(train_df)
Xte, Cte, Fte, Yte = tens(test_df)

# ---------------------------------------------------------------- model
D = 24
emb = nn.Embedding(N_ITEMS + 1, D, padding_idx=0)
chan = nn.Embedding(N_CHAN, D)
key_, val_ = nn.Linear(D, D), nn.Linear(D, D)
no_view = nn.Parameter(torch.zeros(D))
head = nn.Sequential(nn.Linear(2 * D + 2, 48), nn.ReLU(), nn.Dropout(.3), nn.Linear(48, N_CATS))
with torch.no_grad():
    emb.weight.mul_(.3)
    chan.weight.mul_(.3)
PARAMS = list(emb.parameters()) + list(chan.parameters()) + list(key_.parameters()) \
    + list(val_.parameters()) + list(head.parameters()) + [no_view]


def net(x, c, f):
    e, q = emb(x), chan(c)
    e = torch.cat([no_view.expand(len(x), 1, D), e], 1)
    # fault:
    mask = torch.cat([torch.zeros(len(x), 1, dtype=torch.bool), x != 0], 1)
    # mended:
    #mask = torch.cat([torch.ones(len(x), 1, dtype=torch.bool), x != 0], 1)
    # end
    att = torch.einsum("btd,bd->bt", key_(e), q) / D ** .5
    att = att.masked_fill(~mask, float("-inf"))
    pooled = torch.einsum("bt,btd->bd", att.softmax(-1), val_(e))
    return head(torch.cat([pooled, q, f], 1))


def acc(x, c, f, y):
    head.eval()
    with torch.no_grad():
        p = net(x, c, f).argmax(1)
    head.train()
    return (p == y).float().mean().item()


opt = torch.optim.AdamW(PARAMS, lr=4e-3, weight_decay=1e-2)
EPOCHS = 6
for ep in range(EPOCHS):
    perm = torch.randperm(len(Ytr))
    L = 0.
    for i in range(0, len(perm), 64):
        j = perm[i:i + 64]
        loss = F.cross_entropy(net(Xtr[j], Ctr[j], Ftr[j]), Ytr[j])
        opt.zero_grad(); loss.backward(); opt.step()
        L += loss.item() * len(j)
    print("ep", ep, "loss %.4f" % (L / len(perm)), "test acc %.4f" % acc(Xte, Cte, Fte, Yte))

print("most frequent category: %.3f" % (np.bincount(Yte.numpy()).max() / len(Yte)))
print("train %.4f / test %.4f" % (acc(Xtr, Ctr, Ftr, Ytr), acc(Xte, Cte, Fte, Yte)))
