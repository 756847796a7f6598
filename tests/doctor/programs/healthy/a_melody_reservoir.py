"""Echo state network on melodies: fixed random input weights and a fixed sparse random reservoir, only the readout is learned (L-BFGS)."""
import random
import torch
import torch.nn.functional as F

random.seed(15); torch.manual_seed(15)
NOTES = 12
STYLES = ["reel", "lament", "march", "blues"]
# interval habits of the styles
STEPS = {"reel": ([1, 2, -1, -2, 4, 3], [5, 5, 4, 4, 2, 1]), "lament": ([-1, -2, 1, -3, 2], [6, 4, 2, 2, 1]),
         "march": ([0, 4, 3, 5, -4, -5, 2], [4, 4, 3, 3, 3, 3, 1]), "blues": ([3, -3, 2, -2, 1, -1, 5], [5, 5, 2, 2, 2, 1, 1])}


def melody(style):
    n = random.randrange(NOTES)
    out = [n]
    for _ in range(random.randint(15, 35)):
        s, w = STEPS[STYLES[style]] if random.random() < .85 else (range(-5, 6), [1] * 11)
        n = (n + random.choices(list(s), w)[0]) % NOTES
        out.append(n)
    return out


data = []
for _ in range(2000):
    k = random.randrange(4)
    data.append((melody(k), k))
random.shuffle(data)
H = 220
W_in = (torch.rand(NOTES, H) * 2 - 1) * 0.9
W = (torch.rand(H, H) * 2 - 1) * (torch.rand(H, H) < 0.1).float()
W *= 0.8 / torch.linalg.eigvals(W).abs().max()            # spectral radius 0.8
leak = 0.6


def states(seqs):
    """mean of the reservoir's states over the notes that there are"""
    n = torch.tensor([len(s) for s in seqs])
    x = torch.zeros(len(seqs), int(n.max()), dtype=torch.long)
    for i, s in enumerate(seqs):
        x[i, :len(s)] = torch.tensor(s)
    h = torch.zeros(len(seqs), H)
    acc = torch.zeros(len(seqs), 2 * H)
    for t in range(x.size(1)):
        on = (t < n).unsqueeze(1).float()
        h = on * ((1 - leak) * h + leak * torch.tanh(W_in[x[:, t]] + h @ W)) + (1 - on) * h
        acc += on * torch.cat([h, h * h], 1)
    return acc / n.unsqueeze(1)


feats = states([m for m, _ in data])
y = torch.tensor([k for _, k in data])
mu, sd = feats[:1600].mean(0), feats[:1600].std(0)
feats = (feats - mu) / sd
Xtr, ytr, Xte, yte = feats[:1600], y[:1600], feats[1600:], y[1600:]

readout = torch.zeros(2 * H, 4, requires_grad=True)
bias = torch.zeros(4, requires_grad=True)
opt = torch.optim.LBFGS([readout, bias], lr=1, max_iter=8, history_size=10, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = F.cross_entropy(Xtr @ readout + bias, ytr) + 0.02 * readout.square().sum()
    loss.backward()
    return loss


for it in range(6):
    loss = opt.step(closure)
    with torch.no_grad():
        tr = ((Xtr @ readout + bias).argmax(1) == ytr).float().mean()
        te = ((Xte @ readout + bias).argmax(1) == yte).float().mean()
    print(f"iteration {8 * (it + 1):3d} objective {loss.item():.4f} train acc {tr:.3f} test acc {te:.3f}")
