# Sentiment with averaged GloVe vectors and one hidden layer.
# Everything by hand: parameters in a dict, momentum written out, no nn.Module, no torch.optim.
import gzip, os
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(1)
rng = np.random.RandomState(1)
root = os.environ["WORDFIT_DATA"]

glove = {}
with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *xs = line.rstrip("\n").split(" ")
        glove[w] = np.array(xs, dtype=np.float32)


def featurize(path):
    X, y = [], []
    for line in open(path, encoding="utf-8"):
        label, text = line.strip().split(" ", 1)
        known = [glove[t] for t in text.lower().split() if t in glove]
        if not known:
            continue
        M = np.stack(known)
        X.append(np.concatenate([M.mean(0), M.max(0), M.min(0)]))
        y.append(int(label))
    return torch.tensor(np.stack(X)), torch.tensor(y, dtype=torch.float32)


base = os.path.join(root, "sentiment/SST-2-sentences/stsa.binary.")
Xtr, ytr = featurize(base + "train")
Xdv, ydv = featurize(base + "dev")
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd

D, H = Xtr.shape[1], 24
theta = {
    "W1": torch.randn(D, H) / D ** 0.5,
    "b1": torch.zeros(H),
    "w2": torch.randn(H) / H ** 0.5,
    "b2": torch.zeros(()),
}
for t in theta.values():
    t.requires_grad_(True)
velocity = {k: torch.zeros_like(v) for k, v in theta.items()}


def score(x, p):
    return torch.tanh(x @ p["W1"] + p["b1"]) @ p["w2"] + p["b2"]


lr, momentum, decay, B = 0.03, 0.9, 1e-3, 64
for epoch in range(8):
    order = rng.permutation(len(Xtr))
    total = 0.0
    for s in range(0, len(order), B):
        idx = torch.from_numpy(order[s:s + B])
        loss = F.binary_cross_entropy_with_logits(score(Xtr[idx], theta), ytr[idx])
        grads = torch.autograd.grad(loss, list(theta.values()))
        with torch.no_grad():
            for (k, p), g in zip(theta.items(), grads):
                if p.dim() == 2:
                    g = g + decay * p
                velocity[k].mul_(momentum).add_(g)
                p.sub_(lr * velocity[k])
        total += loss.item() * len(idx)
    lr *= 0.6
    with torch.no_grad():
        a = ((score(Xtr, theta) > 0).float() == ytr).float().mean().item()
        b = ((score(Xdv, theta) > 0).float() == ydv).float().mean().item()
    print("epoch %d  loss %.4f  train acc %.4f  dev acc %.4f" % (epoch + 1, total / len(Xtr), a, b))
