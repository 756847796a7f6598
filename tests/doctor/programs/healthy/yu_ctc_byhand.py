# Connectionist temporal classification without nn.CTCLoss: alpha recursion in log space on fake phone frames
import torch
import torch.nn as nn

torch.manual_seed(21)
g = torch.Generator().manual_seed(21)
N_PHONES, DIM, FRAMES, BLANK = 5, 10, 14, 0
templates = torch.randn(N_PHONES + 1, DIM, generator=g) * 1.3
templates[0] = 0.0                                             # silence


def utterances(n):
    X = torch.empty(n, FRAMES, DIM)
    Y = torch.zeros(n, 4, dtype=torch.long)
    L = torch.randint(2, 5, (n,), generator=g)
    for i in range(n):
        k = int(L[i])
        seq = torch.randint(1, N_PHONES + 1, (k,), generator=g)
        Y[i, :k] = seq
        state = []
        for p in seq.tolist():
            state += [p] * int(torch.randint(1, 3, (1,), generator=g)) + [0] * int(torch.randint(1, 3, (1,), generator=g))
        lead = int(torch.randint(0, max(1, FRAMES - len(state)), (1,), generator=g))
        state = ([0] * lead + state + [0] * FRAMES)[:FRAMES]
        X[i] = templates[torch.tensor(state)] + 0.5 * torch.randn(FRAMES, DIM, generator=g)
    return X, Y, L


def ctc(logp, target, tlen):
    """logp (B,T,C), target (B,U) zero padded. Returns -log p(target) for every row."""
    B, T, _ = logp.shape
    U = target.size(1)
    ext = torch.full((B, 2 * U + 1), BLANK)
    ext[:, 1::2] = target
    emit = logp.gather(2, ext[:, None].expand(B, T, 2 * U + 1))
    NEG = -1e5
    can_skip = torch.zeros_like(ext, dtype=torch.bool)
    can_skip[:, 2:] = (ext[:, 2:] != BLANK) & (ext[:, 2:] != ext[:, :-2])
    start = torch.full((1, 2 * U + 1), NEG)
    start[:, :2] = 0.0
    alpha = emit[:, 0] + start
    wall = torch.full((B, 2), NEG)
    for t in range(1, T):
        one = torch.cat([wall[:, :1], alpha[:, :-1]], 1)
        two = torch.cat([wall, alpha[:, :-2]], 1).masked_fill(~can_skip, NEG)
        alpha = torch.logsumexp(torch.stack([alpha, one, two]), 0) + emit[:, t]
    ends = torch.stack([2 * tlen - 1, 2 * tlen], 1)             # last label or the blank after it
    return -torch.logsumexp(alpha.gather(1, ends), 1)


class Acoustic(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(DIM, 48, 3, padding=1)
        self.c2 = nn.Conv1d(48, N_PHONES + 1, 1)

    def forward(self, x):
        return self.c2(self.c1(x.transpose(1, 2)).relu()).transpose(1, 2).log_softmax(-1)


def collapse(path):
    out, last = [], None
    for s in path:
        if s != last and s != BLANK:
            out.append(s)
        last = s
    return out


def sequence_accuracy(net, X, Y, L):
    with torch.no_grad():
        best = net(X).argmax(-1).tolist()
    return sum(collapse(b) == y[:k] for b, y, k in zip(best, Y.tolist(), L.tolist())) / len(X)


Xtr, Ytr, Ltr = utterances(1000)
Xte, Yte, Lte = utterances(250)
net = Acoustic()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(1, 9):
    tot = 0.0
    for b in torch.randperm(len(Xtr)).split(40):
        loss = (ctc(net(Xtr[b]), Ytr[b], Ltr[b]) / Ltr[b]).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        tot += loss.item() * len(b)
    if epoch == 6:
        opt.param_groups[0]['lr'] = 2e-3
    print('epoch %d ctc per label %.3f whole sequence right: train %.3f test %.3f' % (
        epoch, tot / len(Xtr), sequence_accuracy(net, Xtr[:250], Ytr[:250], Ltr[:250]), sequence_accuracy(net, Xte, Yte, Lte)))
