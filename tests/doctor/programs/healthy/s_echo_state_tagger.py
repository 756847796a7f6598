"""Echo state network: the recurrent weights are random and stay so, only the readout is trained.

Toy of the reservoir literature: for each symbol of a stream say which symbol came two steps before (delay line), and
whether the current one repeats it. Two heads, summed losses.
"""
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(12)
SYMBOLS, DELAY, RES, WASHOUT = 6, 2, 150, 5


def streams(n, length=25):
    x = torch.randint(0, SYMBOLS, (n, length), generator=g)
    rep = torch.rand(n, length, generator=g) < 0.35
    for t in range(DELAY, length):
        x[:, t] = torch.where(rep[:, t], x[:, t - DELAY], x[:, t])
    return x


class Reservoir(torch.nn.Module):
    def __init__(self, radius=0.7, leak=1.0):
        super().__init__()
        w = torch.randn(RES, RES, generator=g)
        w *= radius / torch.linalg.eigvals(w).abs().max()
        self.register_buffer("w", w)
        self.register_buffer("w_in", 0.6 * torch.randn(SYMBOLS, RES, generator=g))
        self.leak = leak

    @torch.no_grad()
    def forward(self, x):
        h = torch.zeros(len(x), RES)
        out = []
        for t in range(x.size(1)):
            h = (1 - self.leak) * h + self.leak * torch.tanh(self.w_in[x[:, t]] + h @ self.w)
            out.append(h)
        return torch.stack(out, 1)


reservoir = Reservoir()


def collect(n):
    x = streams(n)
    states = reservoir(x)[:, WASHOUT:]
    before = x[:, WASHOUT - DELAY:-DELAY]
    same = (x[:, WASHOUT:] == before).float()
    return states.reshape(-1, RES), before.reshape(-1), same.reshape(-1)


S, before, same = collect(250)
S_val, before_val, same_val = collect(60)
mu, sd = S.mean(0), S.std(0)
S, S_val = (S - mu) / sd, (S_val - mu) / sd

torch.manual_seed(12)
which = torch.nn.Linear(RES, SYMBOLS)
repeat = torch.nn.Sequential(torch.nn.Linear(RES, 48), torch.nn.ReLU(), torch.nn.Linear(48, 1))
readout = torch.nn.ModuleList([which, repeat])
optimizer = torch.optim.Adam(readout.parameters(), lr=4e-3)


def report(S, before, same):
    with torch.no_grad():
        a = (which(S).argmax(1) == before).float().mean()
        b = ((repeat(S).squeeze(1) > 0).float() == same).float().mean()
    return f"{a:.3f}/{b:.3f}"


EPOCHS = 7
for epoch in range(EPOCHS):
    for group in optimizer.param_groups:
        group["lr"] = 4e-3 * (1 - epoch / EPOCHS)
    losses = []
    for idx in torch.randperm(len(S)).split(64):
        loss = F.cross_entropy(which(S[idx]), before[idx])
        loss = loss + F.binary_cross_entropy_with_logits(repeat(S[idx]).squeeze(1), same[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} which/repeat train {report(S, before, same)} "
          f"val {report(S_val, before_val, same_val)}")
print("chance: %.3f / %.3f" % (1 / SYMBOLS, max(same_val.mean().item(), 1 - same_val.mean().item())))
