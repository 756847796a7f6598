# ProdLDA-like topic model, amortised inference (Srivastava & Sutton style).
# Corpus is drawn from an LDA with known topics so that we can see whether they are found again.
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(3); np.random.seed(3)

V, K, NDOC, LEN = 300, 6, 2600, 80
phi = np.random.dirichlet([0.05] * V, size=K)
theta = np.random.dirichlet([0.3] * K, size=NDOC)
counts = np.stack([np.random.multinomial(np.random.randint(LEN // 2, LEN * 2), p) for p in theta @ phi]).astype('float32')
bow = torch.tensor(counts)
train, held = bow[:2200], bow[2200:]


class TopicVAE(nn.Module):
    def __init__(s):
        super().__init__()
        s.enc = nn.Sequential(nn.Linear(V, 96), nn.Softplus(), nn.Linear(96, 96), nn.Softplus(), nn.Dropout(.1))
        s.mu, s.lv = nn.Linear(96, K), nn.Linear(96, K)
        s.beta = nn.Parameter(torch.randn(K, V) * .02)
        s.background = nn.Parameter(torch.log(train.sum(0) + 1) - torch.log(train.sum() + V), requires_grad=False)

    def forward(s, x):
        h = s.enc(torch.log1p(x))
        mu, lv = s.mu(h), s.lv(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if s.training else mu
        mix = F.softmax(z, -1)
        logp = F.log_softmax(mix @ s.beta + s.background, -1)
        rec = -(x * logp).sum(-1)
        kl = -.5 * (1 + lv - mu.pow(2) - lv.exp()).sum(-1)
        return rec, kl, mix


m = TopicVAE()
opt = torch.optim.Adam([{'params': m.enc.parameters()}, {'params': list(m.mu.parameters()) + list(m.lv.parameters())},
                        {'params': [m.beta], 'lr': 3e-2}], lr=4e-3, betas=(.95, .999))
EPOCHS = 18
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)


@torch.no_grad()
def perplexity(x):
    m.eval()
    rec, kl, mix = m(x)
    m.train()
    return ((rec.sum() / x.sum()).exp().item(), ((rec + kl).sum() / x.sum()).exp().item(), mix)


uni = (train.sum(0) + 1) / (train.sum() + V)
print('unigram perplexity of held-out docs: %.1f' % (-(held * uni.log()).sum() / held.sum()).exp())
for ep in range(EPOCHS):
    warm = min(1., (ep + 1) / 6)             # KL annealing
    tot = 0
    for idx in torch.randperm(len(train)).split(100):
        rec, kl, _ = m(train[idx])
        loss = (rec + warm * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    if ep % 3 == 2:
        print(f'ep {ep+1:2d} elbo loss {tot/len(train):.2f} | perplexity train {perplexity(train)[0]:.1f} held-out {perplexity(held)[0]:.1f} (bound {perplexity(held)[1]:.1f})')

# match found topics with true ones by the correlation of document proportions
mix = perplexity(held)[2].numpy()
c = np.corrcoef(mix.T, theta[2200:].T)[:K, K:]
from scipy.optimize import linear_sum_assignment
r, cc = linear_sum_assignment(-c)
print('correlation of matched topics on held-out docs:', c[r, cc].round(2), 'mean %.2f' % c[r, cc].mean())
