import torch, math, random
from torch import nn
from torch.distributions import Normal, kl_divergence
# VAE on eight-word slogans. Each slogan has a hidden theme (which words) and tone (which adjectives).
# Reported: ELBO per slogan on held-out slogans against independent positions, and how well mu tells the theme.

random.seed(0); torch.manual_seed(0)
THEMES, PER = 5, 9
noun = [[f"n{t}_{i}" for i in range(PER)] for t in range(THEMES)]
verb = [[f"v{t}_{i}" for i in range(PER)] for t in range(THEMES)]
adj = [[f"a{k}_{i}" for i in range(PER)] for k in range(3)]

def slogan():
    t, k = random.randrange(THEMES), random.randrange(3)
    c = random.choice
    return [c(["the", "our", "your"]), c(adj[k]), c(noun[t]), c(verb[t]), c(["a", "every", "one"]), c(adj[k]), c(noun[t]), c(["!", "."])], t

made = {}
while len(made) < 3000:
    s, t = slogan(); made[tuple(s)] = t
words = {w: i for i, w in enumerate(sorted({w for s in made for w in s}))}
X = torch.tensor([[words[w] for w in s] for s in made]); themes = torch.tensor(list(made.values()))
Xtr, Xte, ttr, tte = X[:2500], X[2500:], themes[:2500], themes[2500:]
n, V, L, Z = len(Xtr), len(words), 8, 6

class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.enc = nn.Sequential(nn.Flatten(), nn.Linear(16 * L, 64), nn.Tanh(), nn.Linear(64, 2 * Z))
        self.dec = nn.Sequential(nn.Linear(Z, 64), nn.Tanh(), nn.Linear(64, L * V))
    def forward(self, x):
        mu, rho = self.enc(self.emb(x)).chunk(2, -1)
        q = Normal(mu, nn.functional.softplus(rho) + 1e-4)
        logp = self.dec(q.rsample()).view(-1, L, V).log_softmax(-1)
        rec = logp.gather(2, x[..., None]).sum((1, 2))
        kl = kl_divergence(q, Normal(0., 1.)).sum(-1)
        return rec, kl, mu

model = VAE()
opt = torch.optim.Adam(model.parameters(), 9e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5, 7], 0.25)
# baseline: every position has its own word frequencies
base = sum((torch.bincount(Xtr[:, j], minlength=V).float() + .5).div(n + .5 * V).log()[Xte[:, j]] for j in range(L)).mean()
print(f"independent positions: log p = {base:.2f} per held-out slogan")

def theme_accuracy():                      # nearest class mean in the latent space
    m, mt = model(Xtr)[2], model(Xte)[2]
    centres = torch.stack([m[ttr == t].mean(0) for t in range(THEMES)])
    return (torch.cdist(mt, centres).argmin(1) == tte).float().mean().item()

for ep in range(EPOCHS):
    beta = min(1., (ep + 1) / 3)           # KL warm-up
    for b in Xtr[torch.randperm(n)].split(50):
        rec, kl, _ = model(b)
        loss = (beta * kl - rec).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
    with torch.no_grad():
        out = []
        for D in (Xtr, Xte):
            rec, kl, _ = model(D)
            out += [(rec - kl).mean().item(), kl.mean().item()]
        print("ep %d beta %.2f  ELBO train %.2f (KL %.2f)  test %.2f (KL %.2f)  theme acc %.3f" % (ep, beta, *out, theme_accuracy()))
