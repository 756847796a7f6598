"""Next-chord model for four-part settings. The chord after the last two is looked up in one shared table
(input and output), updates written out by hand: plain SGD with momentum, no torch.optim."""
import math
import torch

torch.manual_seed(23)
CHORDS = ["I", "ii", "iii", "IV", "V", "vi", "vii", "I6", "ii6", "IV6", "V6", "V7"]
N, D, H = len(CHORDS), 16, 32

# the "composer": a second-order chain with strong habits
g = torch.Generator().manual_seed(99)
habit1 = torch.randn(N, N, generator=g)
habit2 = torch.randn(N, N, generator=g)
P = (1.6 * habit1[:, None, :] + 1.2 * habit2[None, :, :]).softmax(-1)


def compose(n, length=24):
    rows = [torch.randint(N, (n,), generator=g), torch.randint(N, (n,), generator=g)]
    for _ in range(length - 2):
        rows.append(torch.multinomial(P[rows[-2], rows[-1]], 1, generator=g)[:, 0])
    return torch.stack(rows, 1)


pieces, unheard = compose(900), compose(120)


def windows(p):
    w = p.unfold(1, 3, 1).reshape(-1, 3)
    return w[:, :2], w[:, 2]


x, y = windows(pieces)
xv, yv = windows(unheard)
floor = -P[xv[:, 0], xv[:, 1], yv].log().mean().item()
freq = torch.bincount(y, minlength=N).float()
unigram = -(freq / freq.sum()).log()[yv].mean().item()
print(f"{len(x)} transitions; unseen: unigram perplexity {math.exp(unigram):.2f}, the composer's own {math.exp(floor):.2f}")


def param(*shape, scale):
    return (scale * torch.randn(*shape)).requires_grad_()


E = param(N, D, scale=0.5)                      # used at both ends
W1, b1 = param(2 * D, H, scale=(2 * D) ** -0.5), param(H, scale=0)
W2 = param(H, D, scale=H ** -0.5)
bo = param(N, scale=0)
params = [E, W1, b1, W2, bo]
velocity = [torch.zeros_like(p) for p in params]


def nll(x, y):
    h = torch.tanh(E[x].reshape(len(x), -1) @ W1 + b1)
    logits = h @ W2 @ E.t() + bo
    return (logits.logsumexp(1) - logits.gather(1, y[:, None])[:, 0]).mean()


step, EPOCHS = 0, 8
batches = -(-len(x) // 80)
for epoch in range(EPOCHS):
    run = 0.0
    for b in torch.randperm(len(x)).split(80):
        lr = 0.1 * (1 - step / (EPOCHS * batches))
        loss = nll(x[b], y[b])
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, v, gr in zip(params, velocity, grads):
                v.mul_(0.9).add_(gr)
                p.sub_(lr * v)
        step += 1
        run += loss.item() * len(b)
    with torch.no_grad():
        print(f"epoch {epoch}  train ppl {math.exp(run / len(x)):.2f}  unseen ppl {math.exp(nll(xv, yv)):.2f}")
