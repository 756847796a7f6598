"""Echo state network: the recurrent part is random and is never trained (that is the whole idea), only the readout
learns, by plain SGD with a hand-written step schedule. Task: which of four commands came LAST in a token stream."""
import torch

torch.manual_seed(17)
N_TOK, SIZE, T = 12, 200, 14        # tokens 0..3 are commands, the rest is chatter
N_TRAIN, N_TEST = 3000, 600


def draw(n):
    x = torch.randint(4, N_TOK, (n, T))
    for k in range(2):
        pos = torch.randint(0, T, (n, 1))
        x.scatter_(1, pos, torch.randint(0, 4, (n, 1)))
    is_cmd = x < 4
    last = (is_cmd * torch.arange(1, T + 1)).argmax(1)
    return x, x.gather(1, last[:, None]).squeeze(1)


class Reservoir(torch.nn.Module):
    def __init__(self, radius=0.97, leak=0.6):
        super().__init__()
        w = torch.randn(SIZE, SIZE) * (torch.rand(SIZE, SIZE) < 0.1)
        w *= radius / torch.linalg.eigvals(w).abs().max()
        self.w_in = torch.nn.Parameter(torch.randn(N_TOK, SIZE) * 0.5, requires_grad=False)
        self.w = torch.nn.Parameter(w, requires_grad=False)
        self.leak = leak
        self.readout = torch.nn.Linear(SIZE, 4)

    @torch.no_grad()
    def states(self, x):
        h = torch.zeros(len(x), SIZE)
        for t in range(x.size(1)):
            h = (1 - self.leak) * h + self.leak * torch.tanh(self.w_in[x[:, t]] + h @ self.w)
        return h

    def forward(self, x):
        return self.readout(self.states(x))


xtr, ytr = draw(N_TRAIN)
xte, yte = draw(N_TEST)
old = {tuple(r) for r in xtr.tolist()}
keep = torch.tensor([tuple(r) not in old for r in xte.tolist()])
xte, yte = xte[keep], yte[keep]

net = Reservoir()
# states never change, so they are computed once; scaled by what the training rows show
S = net.states(xtr)
mean, std = S.mean(0), S.std(0)
S, S_te = (S - mean) / std, (net.states(xte) - mean) / std


def acc(s, y):
    with torch.no_grad():
        return (net.readout(s).argmax(1) == y).float().mean().item()


print("frozen:", [n for n, p in net.named_parameters() if not p.requires_grad])
for epoch in range(8):
    lr = 0.05 if epoch < 4 else 0.015 if epoch < 6 else 0.005
    tot = 0.0
    for idx in torch.randperm(N_TRAIN).split(30):
        loss = torch.nn.functional.cross_entropy(net.readout(S[idx]), ytr[idx])
        gw, gb = torch.autograd.grad(loss, [net.readout.weight, net.readout.bias])
        with torch.no_grad():
            net.readout.weight -= lr * (gw + 1e-3 * net.readout.weight)
            net.readout.bias -= lr * gb
        tot += loss.item() * len(idx)
    print(f"epoch {epoch} lr {lr} loss {tot / N_TRAIN:.4f}")
print(f"train {acc(S, ytr):.3f}  test {acc(S_te, yte):.3f}  majority {torch.bincount(yte).max().item() / len(yte):.3f}")
