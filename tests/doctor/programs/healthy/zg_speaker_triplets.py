# Speaker verification demo: d-vectors with semi-random triplets, equal error rate on unseen speakers.
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(44)
D, PER = 24, 12
mixing = torch.randn(8, D) / 8 ** .5                # voices live in an 8-d subspace
channel = torch.randn(6, D)                         # recording conditions live elsewhere


def speakers(n):
    voice = torch.randn(n, 1, 8) @ mixing
    cond = 1.2 * torch.randn(n, PER, 6) @ channel
    return voice * 2 + cond + 0.3 * torch.randn(n, PER, D)


train, dev = speakers(200), speakers(40)


def eer(emb):
    e = emb.reshape(-1, emb.shape[-1])
    who = torch.arange(emb.shape[0]).repeat_interleave(PER)
    sim = e @ e.T
    up = torch.ones_like(sim, dtype=torch.bool).triu(1)
    same = who[:, None] == who[None]
    pos, neg = sim[up & same].sort().values, sim[up & ~same].sort().values
    cut = torch.linspace(-1, 1, 400)
    fr = torch.searchsorted(pos, cut) / len(pos)
    fa = 1 - torch.searchsorted(neg, cut) / len(neg)
    k = (fr - fa).abs().argmin()
    return ((fr + fa) / 2)[k].item()


net = nn.Sequential(nn.Linear(D, 48), nn.ReLU(), nn.Linear(48, 16))
embed = lambda x: F.normalize(net(x), dim=-1, eps=1e-6)
opt = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.StepLR(opt, 4, 0.3)
with torch.no_grad():
    print(f"cosine on raw features: EER {eer(F.normalize(dev, dim=-1)):.3f}")

for epoch in range(10):
    total = active = 0.0
    for spk in torch.randperm(200).repeat(4).view(-1, 20):
        pick = torch.randint(PER, (20, 4))
        e = embed(train[spk[:, None], pick])                      # 20 x 4 x 16
        a = e[:, :2].reshape(-1, 16); p = e[:, 2:].reshape(-1, 16)
        sim = a @ p.T
        who = torch.arange(20).repeat_interleave(2)
        hard = sim.detach().masked_fill(who[:, None] == who[None], -2).topk(4, 1).indices
        n = p[hard.gather(1, torch.randint(4, (40, 1)))[:, 0]]
        hinge = F.relu(0.3 - (a * p).sum(1) + (a * n).sum(1))
        loss = hinge.mean()
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() / 40; active += (hinge > 0).float().mean().item() / 40
    sched.step()
    with torch.no_grad():
        print(f"epoch {epoch} triplet {total:.4f} active {active:.2f} EER train {eer(embed(train[:40])):.3f} dev {eer(embed(dev)):.3f}")
