"""Self-supervised melody encoder (BYOL): online net + predictor chases an exponential average of itself; no gradient into the target.
Afterwards a linear probe on the frozen features tells the motif family."""
import copy, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2); torch.manual_seed(2)
PITCH, LEN = 36, 24
FAMILY = [[0, 2, 4, 5], [0, -1, -3, 0], [0, 7, 5, 7], [0, 4, 7, 12], [0, 1, 0, -2], [0, 0, 3, 3]]


def melody(fam):
    out = []
    root = random.randint(8, 18)
    while len(out) < LEN:
        if random.random() < .65:
            out += [root + d for d in FAMILY[fam]]
        else:
            out += [root + random.randint(-6, 12) for _ in range(random.randint(1, 3))]
    return out[:LEN]


def view(x):
    """transpose by a few semitones and replace some notes by a rest (token 0)"""
    x = x + torch.randint(-3, 4, (len(x), 1))
    x = x.clamp(1, PITCH)
    return torch.where(torch.rand(x.shape) < .12, torch.zeros_like(x), x)


class Encoder(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(PITCH + 1, 24)
        self.conv = nn.Conv1d(24, d, 4)
        self.proj = nn.Sequential(nn.Linear(d, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))

    def features(self, x):
        return F.relu(self.conv(self.emb(x).transpose(1, 2))).mean(-1)

    def forward(self, x):
        return self.proj(self.features(x))


def byol(p, z):
    return -F.cosine_similarity(p, z.detach(), dim=-1).mean()


y_all = torch.randint(0, 6, (4000,))
x_all = torch.tensor([melody(f) for f in y_all.tolist()])
x_tr, y_tr, x_dv, y_dv = x_all[:3200], y_all[:3200], x_all[3200:], y_all[3200:]

online = Encoder()
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad_(False)
predictor = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
opt = torch.optim.AdamW(list(online.parameters()) + list(predictor.parameters()), lr=2e-3, weight_decay=1e-4)

for epoch in range(8):
    tau = 0.97 + 0.025 * epoch / 7
    tot = 0.0
    for b in torch.randperm(len(x_tr)).split(128):
        a, c = view(x_tr[b]), view(x_tr[b])
        with torch.no_grad():
            ta, tc = target(a), target(c)
        loss = 0.5 * (byol(predictor(online(a)), tc) + byol(predictor(online(c)), ta))
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for q, p in zip(target.parameters(), online.parameters()):
                q.lerp_(p, 1 - tau)
        tot += loss.item() * len(b)
    with torch.no_grad():
        spread = F.normalize(online.features(x_dv), dim=1).std(0).mean().item()
    print(f"pretrain {epoch}: loss {tot / len(x_tr):.4f} feature spread {spread:.4f}")

online.eval()
with torch.no_grad():
    f_tr, f_dv = online.features(x_tr), online.features(x_dv)
mu, sd = f_tr.mean(0), f_tr.std(0) + 1e-6
f_tr, f_dv = (f_tr - mu) / sd, (f_dv - mu) / sd
probe = nn.Linear(f_tr.size(1), 6)
popt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for epoch in range(15):
    for b in torch.randperm(len(f_tr)).split(128):
        l = F.cross_entropy(probe(f_tr[b]), y_tr[b])
        popt.zero_grad(); l.backward(); popt.step()
with torch.no_grad():
    print(f"probe: train {(probe(f_tr).argmax(1) == y_tr).float().mean():.3f} dev {(probe(f_dv).argmax(1) == y_dv).float().mean():.3f} (6 families)")
