# Song recommendation from playlists: BPR on implicit feedback. Item vectors only, a listener is the mean of what he
# played (fold-in: so that new listeners need no training). Sparse gradients, hence SparseAdam.
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
rs = np.random.RandomState(5); torch.manual_seed(5)
N_SONGS, N_GENRES, N_LISTENERS = 240, 6, 1400
genre = rs.randint(N_GENRES, size=N_SONGS)
popularity = rs.dirichlet(np.full(N_SONGS, 2.))

def listener():
    taste = rs.dirichlet(np.full(N_GENRES, .25))
    p = popularity * (taste[genre] + .01)
    return rs.choice(N_SONGS, size=rs.randint(8, 16), replace=False, p=p / p.sum())

plays = [listener() for _ in range(N_LISTENERS)]
fit, new = plays[:1200], plays[1200:]            # 'new' are people that were never seen

song = nn.Embedding(N_SONGS, 8, sparse=True)
nn.init.normal_(song.weight, std=.1)
bias = nn.Embedding(N_SONGS, 1, sparse=True)
nn.init.zeros_(bias.weight)
opt = torch.optim.SparseAdam(list(song.parameters()) + list(bias.parameters()), lr=.02)

def taste_of(histories):
    flat = torch.tensor(np.concatenate(histories))
    off = torch.tensor(np.cumsum([0] + [len(h) for h in histories[:-1]]))
    return F.embedding_bag(flat, song.weight, off, mode="mean", sparse=True)

def auc(people):
    """hide the last two songs, rank them against everything not played"""
    with torch.no_grad():
        u = taste_of([p[:-2] for p in people])
        s = u @ song.weight.T + bias.weight.T
    vals = []
    for row, p in zip(s, people):
        free = np.setdiff1d(np.arange(N_SONGS), p)
        for t in p[-2:]:
            vals.append((row[t] > row[free]).float().mean().item())
    return np.mean(vals)

print("before", round(auc(new), 3))
for it in range(7):
    tot = 0.
    for batch in np.array_split(rs.permutation(len(fit)), 24):
        hist, pos, neg = [], [], []
        for i in batch:
            p = rs.permutation(fit[i])
            hist.append(p[:-3]); pos.append(p[-3:])
            taken, n = set(fit[i]), []
            while len(n) < 3:
                c = rs.randint(N_SONGS)
                if c not in taken: n.append(c)
            neg.append(n)
        u = taste_of(hist)[:, None]
        pos, neg = torch.tensor(np.stack(pos)), torch.tensor(neg)
        gap = (u * (song(pos) - song(neg))).sum(-1) + (bias(pos) - bias(neg)).squeeze(-1)
        loss = -F.logsigmoid(gap).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() / 24
    print(f"pass {it}  bpr {tot:.3f}  auc seen listeners {auc(fit[:100]):.3f}  new listeners {auc(new):.3f}")
