"""GAN over short product codes (letter-vowel-letter-vowel-digit-digit) with straight-through Gumbel-softmax."""
import string
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17)
CHARS = string.ascii_lowercase[:16] + "01234567"
VOW = [i for i, c in enumerate(CHARS) if c in "aeio"]
CON = [i for i, c in enumerate(CHARS) if c.isalpha() and c not in "aeio"]
DIG = [i for i, c in enumerate(CHARS) if c.isdigit()]
SLOTS = [CON, VOW, CON, VOW, DIG, DIG]
K, L, Z = len(CHARS), len(SLOTS), 16


def real(n):
    cols = [torch.tensor(s)[torch.randint(len(s), (n,))] for s in SLOTS]
    return torch.stack(cols, 1)


def valid(codes):
    ok = torch.ones(len(codes), dtype=torch.bool)
    for j, s in enumerate(SLOTS):
        ok &= torch.isin(codes[:, j], torch.tensor(s))
    return ok.float().mean().item()


data = torch.unique(real(2600), dim=0)
data = data[torch.randperm(len(data))]
train, held = data[:2000], data[2000:]


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(Z, 64), nn.LeakyReLU(0.2), nn.Linear(64, L * K))

    def forward(self, z, tau=1.0):
        return F.gumbel_softmax(self.net(z).view(-1, L, K), tau=tau, hard=True)


G = Generator()
D = nn.Sequential(nn.Flatten(), nn.Linear(L * K, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
og = torch.optim.Adam(G.parameters(), lr=4e-3, betas=(0.5, 0.9))
od = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.9), weight_decay=1e-3)
sg = torch.optim.lr_scheduler.CosineAnnealingLR(og, 8)
sd = torch.optim.lr_scheduler.CosineAnnealingLR(od, 8)
bce = F.binary_cross_entropy_with_logits


def look():
    G.eval()
    with torch.no_grad():
        codes = G(torch.randn(1000, Z)).argmax(-1)
        # distance between letter frequencies per slot, against real codes kept apart
        tv = 0.5 * (F.one_hot(codes, K).float().mean(0) - F.one_hot(held, K).float().mean(0)).abs().sum(-1).mean()
    return valid(codes), tv.item(), codes


print("untrained: valid %.3f  slot distance %.3f" % look()[:2])
for epoch in range(8):
    G.train()
    dl = gl = 0.0
    batches = train[torch.randperm(len(train))].split(40)
    for b in batches:
        x = F.one_hot(b, K).float()
        fake = G(torch.randn(len(b), Z))
        a, c = D(x), D(fake.detach())
        loss_d = bce(a, torch.full_like(a, 0.9)) + bce(c, torch.zeros_like(c))     # one-sided smoothing
        od.zero_grad(); loss_d.backward(); od.step()
        score = D(fake)
        loss_g = bce(score, torch.ones_like(score))
        og.zero_grad(); loss_g.backward(); og.step()
        dl += loss_d.item(); gl += loss_g.item()
    sg.step(); sd.step()
    v, tv, codes = look()
    print(f"epoch {epoch + 1}: D {dl / len(batches):.3f} G {gl / len(batches):.3f}  valid {v:.3f}  slot distance {tv:.3f}  distinct {len(torch.unique(codes, dim=0)) / 1000:.2f}")
print("samples:", " ".join("".join(CHARS[i] for i in r) for r in codes[:8].tolist()))
