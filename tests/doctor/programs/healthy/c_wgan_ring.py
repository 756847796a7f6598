# WGAN (weight-clipped critic) on a 2-D ring; both losses may be negative, the critic takes 5 steps.
import torch
from torch import nn
torch.manual_seed(9)
def real(n):
    a = torch.rand(n) * 6.2831853
    return torch.stack([a.cos(), a.sin()], 1) * (1 + 0.05 * torch.randn(n, 1))
def mlp(i, o): return nn.Sequential(nn.Linear(i, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, o))
G, C = mlp(2, 2), mlp(2, 1)
og, oc = torch.optim.RMSprop(G.parameters(), 1e-3), torch.optim.RMSprop(C.parameters(), 1e-3)
def energy(a, b): return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()
held, z = real(600), torch.randn(600, 2)
data = real(3000)
print("real vs real %.4f" % energy(real(600), held))
for epoch in range(6):
    lc = lg = 0
    for it in range(50):
        for _ in range(5):
            x = data[torch.randint(3000, (64,))]
            with torch.no_grad(): f = G(torch.randn(64, 2))
            loss_c = C(f).mean() - C(x).mean()
            oc.zero_grad(); loss_c.backward(); oc.step()
            with torch.no_grad():
                for p in C.parameters(): p.clamp_(-0.15, 0.15)
        loss_g = -C(G(torch.randn(64, 2))).mean()
        og.zero_grad(); loss_g.backward(); og.step()
        lc += loss_c.item() / 50; lg += loss_g.item() / 50
    with torch.no_grad(): e = energy(G(z), held)
    print(f"epoch {epoch} critic {lc:+.4f} generator {lg:+.4f} energy distance to held-out points {e:.4f}")
