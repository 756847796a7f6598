# Estimate asking prices (yen, 10^7 .. 10^8) from short listing texts plus floor area.
# The net works on standardised log prices; scaler constants travel with the model as buffers.
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

rs = np.random.RandomState(3)
torch.manual_seed(3)

area_words = {"shibuya": .55, "meguro": .45, "nakano": .2, "adachi": -.15, "chiba": -.3, "saitama": -.35, "ueno": .1, "kawasaki": -.05}
state_words = {"renovated": .2, "new": .3, "old": -.25, "damp": -.3, "bright": .1, "quiet": .05, "noisy": -.12, "corner": .08}
filler = "flat near station with balcony kitchen and view for family two floors lift bath room".split()
words = ["<pad>"] + sorted(area_words) + sorted(state_words) + filler
ix = {w: i for i, w in enumerate(words)}

def listing():
    town = rs.choice(sorted(area_words))
    states = list(rs.choice(sorted(state_words), size=rs.randint(1, 4), replace=False))
    text = [town] + states + list(rs.choice(filler, size=rs.randint(3, 9)))
    rs.shuffle(text)
    m2 = rs.uniform(25, 120)
    logp = np.log(650_000 * m2) + area_words[town] + sum(state_words[s] for s in states) + rs.normal(0, .08)
    return text, m2, np.exp(logp)

def pack(n):
    L = [listing() for _ in range(n)]
    T = 13
    x = torch.tensor([[ix[w] for w in t] + [0] * (T - len(t)) for t, _, _ in L])
    return x, torch.tensor([a for _, a, _ in L], dtype=torch.float32), torch.tensor([p for _, _, p in L], dtype=torch.float32)

class Appraiser(nn.Module):
    def __init__(self, area, price):
        super().__init__()
        lp, la = price.log(), area.log()
        self.register_buffer("p_mu", lp.mean()); self.register_buffer("p_sd", lp.std())
        self.register_buffer("a_mu", la.mean()); self.register_buffer("a_sd", la.std())
        self.emb = nn.Embedding(len(words), 8, padding_idx=0)
        self.text = nn.Linear(8, 12)
        self.head = nn.Linear(13, 1)
    def z(self, price):
        return (price.log() - self.p_mu) / self.p_sd
    def forward(self, x, area):
        t = torch.tanh(self.text(self.emb(x).sum(1) / 3))      # a pad row is zero and adds nothing to the sum
        a = (area.log() - self.a_mu) / self.a_sd
        return self.head(torch.cat([t, a[:, None]], 1))[:, 0]
    @torch.no_grad()
    def yen(self, x, area):
        self.eval()
        return (self(x, area) * self.p_sd + self.p_mu).exp()

(xt, at, pt), (xd, ad, pd_), (xe, ae, pe) = pack(1800), pack(400), pack(400)
print("prices: min %.1fM median %.1fM max %.1fM yen" % tuple(v.item() / 1e6 for v in (pt.min(), pt.median(), pt.max())))

def scores(m, x, a, p):
    q = m.yen(x, a)
    mape = ((q - p).abs() / p).mean().item()
    r2 = 1 - (((q - p) ** 2).sum() / ((p - p.mean()) ** 2).sum()).item()
    return mape, r2, (q - p).abs().mean().item() / 1e6

model = Appraiser(at, pt)
print("untrained       MAPE %.3f R2 %.3f MAE %.2fM" % scores(model, xd, ad, pd_))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=.3, patience=0)
for ep in range(8):
    model.train()
    for i in torch.randperm(len(xt)).split(30):
        opt.zero_grad()
        loss = F.smooth_l1_loss(model(xt[i], at[i]), model.z(pt[i]), beta=.5)
        loss.backward()
        opt.step()
    s = scores(model, xd, ad, pd_)
    sched.step(s[0])
    print(f"epoch {ep} last batch {loss.item():.4f}  dev MAPE {s[0]:.3f} R2 {s[1]:.3f} MAE {s[2]:.2f}M  lr {opt.param_groups[0]['lr']:.4g}")
print("train           MAPE %.3f R2 %.3f MAE %.2fM" % scores(model, xt, at, pt))
print("test            MAPE %.3f R2 %.3f MAE %.2fM" % scores(model, xe, ae, pe))
print("median guess    MAPE %.3f" % ((pt.median() - pe).abs() / pe).mean().item())
