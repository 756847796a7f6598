"""ProdLDA-like topic model of cooking-forum posts: encoder, reparametrisation, product of experts. No labels are used for
training; we look at the held-out bound per word (against the unigram model) and at how well topics line up with the boards."""
import math
import torch
from torch import nn

torch.manual_seed(17)
V, K, N = 240, 6, 3400
g = torch.Generator().manual_seed(1)
base = torch.rand(V, generator=g) ** 3 + 0.02
boards = torch.stack([base + 3.0 * (torch.arange(V) % K == k) * torch.rand(V, generator=g) for k in range(K)])
boards /= boards.sum(1, keepdim=True)
label = torch.randint(K, (N,), generator=g)
mix = 0.85 * torch.eye(K)[label] + 0.15 * torch.distributions.Dirichlet(torch.full((K,), 0.3)).sample((N,))
lengths = torch.randint(30, 90, (N,), generator=g)
X = torch.stack([torch.bincount(torch.multinomial(mix[i] @ boards, int(lengths[i]), True, generator=g), minlength=V).float() for i in range(N)])
train, held, held_label = X[:2900], X[2900:], label[2900:]


class TopicVAE(nn.Module):
    def __init__(self, hidden=64, z=8):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, hidden), nn.Softplus(), nn.Dropout(0.2))
        self.mu, self.lv = nn.Linear(hidden, z), nn.Linear(hidden, z)
        self.beta = nn.Linear(z, V)
        with torch.no_grad():
            self.beta.bias.copy_((train.sum(0) + 1).log() - (train.sum() + V).log())     # start from the unigram model

    def forward(self, x):
        h = self.enc(x.log1p())
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        lp = self.beta(z).log_softmax(-1)
        return lp, mu, lv


def bound(x, lp, mu, lv):
    rec = -(x * lp).sum(1)
    kl = 0.5 * (mu ** 2 + lv.exp() - lv - 1).sum(1)
    return rec, kl


net = TopicVAE()
opt = torch.optim.Adam(net.parameters(), lr=3e-3, betas=(0.95, 0.999))
uni = ((train.sum(0) + 1) / (train.sum() + V)).log()
print(f"unigram nats/word {-(held * uni).sum() / held.sum():.4f}")
steps, step = 45 * 20, 0
for epoch in range(20):
    net.train()
    run = 0.0
    for b in torch.randperm(len(train)).split(64):
        step += 1
        lp, mu, lv = net(train[b])
        rec, kl = bound(train[b], lp, mu, lv)
        loss = (rec + min(1.0, 3 * step / steps) * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        run += (rec + kl).sum().item()
    if epoch % 4 == 3:
        net.eval()
        with torch.no_grad():
            lp, mu, lv = net(held)
            _, kl = bound(held, lp, mu, lv)
            z = mu + torch.randn_like(mu) * (0.5 * lv).exp()
            rec = -(held * net.beta(z).log_softmax(-1)).sum(1)
            d = torch.cdist(mu, mu); d.fill_diagonal_(math.inf)
            same = (held_label[d.topk(5, largest=False).indices] == held_label[:, None]).float().mean()
        print(f"epoch {epoch:2d} train bound/word {run / train.sum():.4f} held-out {(rec + kl).sum() / held.sum():.4f} (KL {kl.mean():.2f}) neighbours from the same board {same:.3f} (chance {1 / K:.3f})")
