# Playlist continuation with BPR (Rendle et al. 2009). Sparse embeddings for songs and listeners,
# one optimizer for the tables and one for the dense bits.
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
N_USERS, N_SONGS, N_STYLES = 300, 240, 6

song_style = torch.arange(N_SONGS) % N_STYLES
user_style = torch.randint(N_STYLES, (N_USERS,))
plays = []
for u in range(N_USERS):
    w = torch.where(song_style == user_style[u], 1.0, 0.006)
    for s in torch.multinomial(w, 20).tolist():
        plays.append((u, s))
plays = torch.tensor(plays)
plays = plays[torch.randperm(len(plays))]
heldout, log = plays[:900], plays[900:]


def history(rows):
    h = torch.zeros(N_USERS, N_SONGS, dtype=torch.bool)
    h[rows[:, 0], rows[:, 1]] = True
    return h


known, everything = history(log), history(plays)


class MF(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.P = nn.Embedding(N_USERS, k, sparse=True)
        self.Q = nn.Embedding(N_SONGS, k, sparse=True)
        self.pop = nn.Parameter(torch.zeros(N_SONGS))
        nn.init.normal_(self.P.weight, std=0.1)
        nn.init.normal_(self.Q.weight, std=0.1)

    def forward(self, u, s):
        return (self.P(u) * self.Q(s)).sum(-1) + self.pop[s]


def draw_negative(u, played=known):
    neg = torch.randint(N_SONGS, u.shape)
    bad = played[u, neg]
    while bad.any():
        neg[bad] = torch.randint(N_SONGS, (int(bad.sum()),))
        bad = played[u, neg]
    return neg


@torch.no_grad()
def auc(model, rows):
    u = rows[:, 0]
    pos = model(u, rows[:, 1])
    return torch.stack([(pos > model(u, draw_negative(u, everything))).float().mean() for _ in range(5)]).mean().item()


mf = MF()
tables = torch.optim.SparseAdam([mf.P.weight, mf.Q.weight], lr=1e-2)
dense = torch.optim.Adam([mf.pop], lr=2e-3)

print("AUC before: %.3f" % auc(mf, heldout))
for epoch in range(6):
    order = torch.randperm(len(log))
    total = 0.0
    for idx in order.split(64):
        u, s = log[idx, 0], log[idx, 1]
        margin = mf(u, s) - mf(u, draw_negative(u))
        loss = -F.logsigmoid(margin).mean()
        tables.zero_grad()
        dense.zero_grad()
        loss.backward()
        tables.step()
        dense.step()
        total += loss.item() * len(idx)
    print("epoch %d  bpr %.4f  AUC train %.3f  held-out %.3f" % (
        epoch, total / len(log), auc(mf, log), auc(mf, heldout)))
