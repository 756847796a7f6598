# Reservoir homework: a random recurrent network that is never trained, with a trained linear read-out (three kinds of heart beat strings)
import random
import torch

random.seed(50)
g = torch.Generator().manual_seed(50)
KINDS = {0: ["N", "N", "N", "a"], 1: ["N", "V", "N", "V"], 2: ["a", "a", "N", "V"]}
ABC = "NaV-"


def beats():
    k = random.randrange(3)
    motif = KINDS[k]
    s = [motif[i % 4] if random.random() < 0.85 else random.choice(ABC) for i in range(random.randint(16, 40))]
    return torch.tensor([ABC.index(c) for c in s]), k


N = 120
W = torch.randn(N, N, generator=g) * (torch.rand(N, N, generator=g) < 0.1)
W *= 0.8 / torch.linalg.eigvals(W).abs().max()
Win = (torch.rand(len(ABC), N, generator=g) - 0.5)


@torch.no_grad()
def reservoir(seqs):
    """average state of each string; strings are packed from the left, steps after the end change nothing"""
    lens = torch.tensor([len(s) for s in seqs])
    x = torch.nn.utils.rnn.pad_sequence(seqs)
    h = torch.zeros(len(seqs), N)
    total = torch.zeros(len(seqs), N)
    for t in range(len(x)):
        alive = (t < lens).float().unsqueeze(1)
        new = 0.6 * h + 0.4 * torch.tanh(Win[x[t]] + h @ W)
        h = alive * new + (1 - alive) * h
        total += alive * h * h.sign()
    state = torch.cat([total / lens.unsqueeze(1), h], 1)
    return state * 4


data = [beats() for _ in range(2500)]
y = torch.tensor([k for _, k in data])
S = reservoir([s for s, _ in data])
readout = torch.nn.Linear(2 * N, 3)
opt = torch.optim.LBFGS(readout.parameters(), lr=0.5, max_iter=8)
tr = slice(0, 2000)


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.cross_entropy(readout(S[tr]), y[tr]) + 1e-3 * readout.weight.pow(2).sum()
    loss.backward()
    return loss


for it in range(10):
    loss = opt.step(closure)
    with torch.no_grad():
        acc = (readout(S[2000:]).argmax(1) == y[2000:]).float().mean()
    print(f"iteration {it} loss {loss.item():.4f} held out {acc:.3f}")
