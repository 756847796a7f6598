"""Neural topic model (ProdLDA-like VAE) on made-up short news. The loss is reconstruction + beta * KL with beta warmed up.
Held-out documents are scored by the bound per word and by a linear probe on the latent means."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(31)
torch.manual_seed(31)
TOPICS = {
    "sport": "goal match coach league striker season stadium injury penalty referee transfer defender tournament medal final fans".split(),
    "market": "shares profit bank inflation investor bond dividend quarter index merger currency rates analyst earnings export debt".split(),
    "weather": "rain storm wind flood temperature forecast snow heatwave cloud frost thunder coast drought humidity lightning fog".split(),
    "health": "patient vaccine clinic virus surgery doctor nurse therapy dose symptom trial hospital infection diagnosis diet sleep".split(),
    "space": "orbit rocket satellite launch lunar astronaut telescope planet crater probe mission gravity capsule comet solar module".split(),
    "court": "judge trial lawyer verdict appeal jury sentence witness evidence prison lawsuit fraud prosecutor ruling bail testimony".split(),
}
COMMON = "said year people new first time week city today report after two official plan last group".split()
names = list(TOPICS)
vocab = sorted(set(COMMON).union(*TOPICS.values()))
col = {w: i for i, w in enumerate(vocab)}


def corpus(n):
    x, z = np.zeros((n, len(vocab)), dtype=np.float32), np.zeros((n, len(names)), dtype=np.float32)
    for r in range(n):
        theta = rs.dirichlet([0.12] * len(names))
        for _ in range(rs.poisson(30) + 10):
            bank = COMMON if rs.rand() < 0.25 else TOPICS[names[rs.choice(len(names), p=theta)]]
            x[r, col[bank[min(int(rs.exponential(5)), len(bank) - 1)]]] += 1
        z[r] = theta
    return torch.from_numpy(x), torch.from_numpy(z)


train, z_train = corpus(1600)
test, z_test = corpus(400)


class TopicVAE(nn.Module):
    def __init__(self, v, k=8, h=64):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(v, h), nn.Softplus(), nn.Linear(h, h), nn.Softplus())
        self.mu, self.logvar = nn.Linear(h, k), nn.Linear(h, k)
        nn.init.constant_(self.logvar.bias, -1.0)
        self.dec = nn.Linear(k, v)

    def forward(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        mu, lv = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        return self.dec(z.softmax(1) * 6).log_softmax(1), mu, lv


def elbo(out, x):
    logp, mu, lv = out
    rec = -(x * logp).sum(1)
    kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
    return rec, kl


vae = TopicVAE(len(vocab))
with torch.no_grad():
    uni = (train.sum(0) + 1).log()
    vae.dec.bias.copy_(uni - uni.mean())
base = -(test * (train.sum(0) / train.sum()).clamp(min=1e-6).log()).sum() / test.sum()
print(f"unigram: {base.exp():.1f} per-word perplexity")
opt = torch.optim.Adam(vae.parameters(), lr=8e-3, betas=(0.9, 0.99))
EPOCHS = 12
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [7, 10], gamma=0.3)
for epoch in range(EPOCHS):
    beta = min(1.0, (epoch + 1) / 5)
    vae.train()
    for idx in torch.randperm(len(train)).split(50):
        x = train[idx]
        rec, kl = elbo(vae(x), x)
        loss = (rec + beta * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    vae.eval()
    with torch.no_grad():
        rec, kl = elbo(vae(test), test)
        rtr, ktr = elbo(vae(train), train)
    print(f"epoch {epoch + 1:2d} beta {beta:.1f} bound/word train {(rtr + ktr).sum() / train.sum():.3f} test {(rec + kl).sum() / test.sum():.3f} "
          f"ppl {((rec + kl).sum() / test.sum()).exp():.1f} kl {kl.mean():.2f}")
with torch.no_grad():
    a, b = [torch.cat([vae(x)[1].softmax(1), torch.ones(len(x), 1)], 1) for x in (train, test)]
coef = torch.linalg.lstsq(a, z_train).solution
print(f"main topic from the latent code, held out: {((b @ coef).argmax(1) == z_test.argmax(1)).float().mean():.3f}")
