"""Word alignment without aligned data: IBM model 1 with a factored table, trained by gradient.

p(f_j | e) = mean over i of p(f_j | e_i); the alignment is summed out. Made-up language pair with free word order."""
import torch

g = torch.Generator().manual_seed(3)
torch.manual_seed(3)
NE, NF = 80, 100                      # source words (0 = NULL), target words
truth = torch.randperm(NF, generator=g)[:NE]      # word e is mostly said as truth[e]
second = torch.randint(NF, (NE,), generator=g)    # and sometimes like this


def make(n):
    out = []
    for _ in range(n):
        m = int(torch.randint(3, 8, (1,), generator=g))
        e = torch.randperm(NE - 1, generator=g)[:m] + 1
        order = torch.randperm(m, generator=g)
        alt = torch.rand(m, generator=g) < 0.15
        f = torch.where(alt, second[e], truth[e])[order]
        if torch.rand(1, generator=g) < 0.3:       # a word that comes from nothing
            f = torch.cat([f, truth[:1]])
            order = torch.cat([order, torch.tensor([-1])])
        out.append((torch.cat([torch.zeros(1, dtype=torch.long), e]), f, order + 1))
    return out


train, held = make(1200), make(200)
U = torch.nn.Parameter(torch.randn(NE, 24) * 0.3)
W = torch.nn.Parameter(torch.randn(24, NF) * 0.3)
opt = torch.optim.Adam([U, W], lr=0.03)


def batch_nll(rows):
    """rows of one size are not needed: one long list of (e, f) cells, summed per target word"""
    logp = torch.log_softmax(U @ W, 1)
    es = torch.cat([e.repeat(len(f)) for e, f, _ in rows])
    fs = torch.cat([f.repeat_interleave(len(e)) for e, f, _ in rows])
    cell = logp[es, fs].exp()
    sizes = torch.tensor([len(e) for e, f, _ in rows for _ in f])
    word = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    p = torch.zeros(len(sizes)).index_add(0, word, cell) / sizes
    return -p.log().mean()


@torch.no_grad()
def accuracy(rows):
    logp = torch.log_softmax(U @ W, 1)
    good = n = 0
    for e, f, a in rows:
        good += int((logp[e][:, f].argmax(0) == a).sum())
        n += len(f)
    return good / n


for epoch in range(8):
    order = torch.randperm(len(train)).tolist()
    total = 0.0
    for k in range(0, len(order), 40):
        loss = batch_nll([train[i] for i in order[k:k + 40]])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 30
    with torch.no_grad():
        h = batch_nll(held)
    print(f"epoch {epoch}: marginal nll {total:.3f}, held-out {h:.3f}, links right: train {accuracy(train[:200]):.3f} "
          f"held-out {accuracy(held):.3f}")
