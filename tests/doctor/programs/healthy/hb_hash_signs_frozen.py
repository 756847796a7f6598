"""SST-2 sentences without a vocabulary: words are hashed to fixed random signs, only a shrunk linear layer learns (SGD, averaged)."""
import os
import zlib

import torch

torch.manual_seed(0)
ROOT = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "sentiment", "SST-2-sentences")
BUCKETS, D = 9000, 2048
signs = (torch.randint(0, 2, (BUCKETS, D)) * 2 - 1).float() / D**0.5     # never trained


def read(name):
    feats, labels = [], []
    with open(os.path.join(ROOT, "stsa.binary." + name), encoding="utf-8") as f:
        for line in f:
            y, *w = line.split()
            keys = {zlib.crc32(k.encode()) % BUCKETS for k in w}
            v = signs[sorted(keys)].sum(0)
            feats.append(v / v.norm())
            labels.append(float(y))
    return torch.stack(feats), torch.tensor(labels)


X, Y = read("train")
Xd, Yd = read("dev")
w = torch.zeros(D, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
mean_w, mean_b = torch.zeros(D), torch.zeros(1)
opt = torch.optim.SGD([w, b], lr=1.0, weight_decay=5e-4)
k = 0
for epoch in range(8):
    total = 0.0
    for i in torch.randperm(len(X)).split(32):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(X[i] @ w + b, Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        k += 1
        total += loss.item() * len(i) / len(X)
        mean_w += (w.detach() - mean_w) / k
        mean_b += (b.detach() - mean_b) / k
    acc = (((Xd @ mean_w + mean_b) > 0) == (Yd > 0.5)).float().mean().item()
    print(f"epoch {epoch} loss {total:.4f} dev accuracy {acc:.4f}")
