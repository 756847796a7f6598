"""Linear-chain CRF written by hand: tag noisy emissions where only the transitions make it solvable."""
import torch
from torch import nn
torch.manual_seed(31)
K, T = 4, 20
trans = torch.full((K, K), 0.03); trans[range(K), [1, 2, 3, 0]] = 0.91
trans /= trans.sum(1, keepdim=True); emit = torch.full((K, 8), 0.05)
for k in range(K): emit[k, 2 * k:2 * k + 2] = 0.35

def draw(n):
    z = torch.randint(K, (n, 1))
    while z.shape[1] < T: z = torch.cat([z, torch.multinomial(trans[z[:, -1]], 1)], 1)
    return torch.multinomial(emit[z.flatten()], 1).view(n, T), z

class CRF(nn.Module):
    def __init__(self):
        super().__init__()
        self.unary = nn.Embedding(8, K)
        self.pair = nn.Parameter(torch.zeros(K, K))
    def score(self, x, z):
        return self.unary(x).gather(2, z[..., None]).sum((1, 2)) + self.pair[z[:, :-1], z[:, 1:]].sum(1)
    def logz(self, x):
        u = self.unary(x); a = u[:, 0]
        for t in range(1, T): a = torch.logsumexp(a[:, :, None] + self.pair, 1) + u[:, t]
        return torch.logsumexp(a, 1)
    @torch.no_grad()
    def viterbi(self, x):
        u = self.unary(x); a = u[:, 0]; back = []
        for t in range(1, T):
            best, arg = (a[:, :, None] + self.pair).max(1)
            back.append(arg); a = best + u[:, t]
        path = [a.argmax(1)]
        for arg in reversed(back): path.append(arg.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], 1)

x, z = draw(1500); xt, zt = draw(400)
crf = CRF(); opt = torch.optim.Adam(crf.parameters(), lr=0.05)
greedy = (torch.stack([emit.T[i].argmax(-1) for i in xt]) == zt).float().mean()
print(f"best guess per position {greedy:.3f}")
for ep in range(5):
    run = []
    for b in torch.randperm(1500).split(50):
        nll = (crf.logz(x[b]) - crf.score(x[b], z[b])).mean() / T
        opt.zero_grad(); nll.backward(); opt.step(); run.append(nll.item())
    print(f"epoch {ep + 1} nll/token {sum(run) / len(run):.4f} train {(crf.viterbi(x) == z).float().mean():.3f} test {(crf.viterbi(xt) == zt).float().mean():.3f}")
