"""Adaptive mixtures of local experts (Jacobs, Jordan, Nowlan & Hinton 1991), small.

The input space falls into four regions, each with its own regression function.
Should be solved by a gate that finds the regions and experts that fit one region each.
"""
import argparse
import math

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--n-experts", type=int, default=6)
    ap.add_argument("--n-train", type=int, default=6000)
    ap.add_argument("--epochs", type=int, default=10)
    ap.add_argument("--lr", type=float, default=2e-2)
    ap.add_argument("--balance", type=float, default=0.01)
    ap.add_argument("--seed", type=int, default=0)
    return ap.parse_args()


def make_data(n, rng, centers, w1):
    x = rng.normal(size=(n, 8)).astype(np.float32)
    region = (x[:, :4] @ centers.T).argmax(1)
    y = np.einsum("nd,nd->n", x, w1[region]) + 0.05 * rng.normal(size=n)
    return torch.from_numpy(x), torch.from_numpy(y.astype(np.float32))


class MixtureOfExperts(nn.Module):
    def __init__(self, d_in, n_experts):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(d_in, 16), nn.Tanh(), nn.Linear(16, n_experts))
        # fault:
        self.experts = [
            nn.Linear(d_in, 1) for _ in range(n_experts)
        ]
        # mended:
        # self.experts = nn.ModuleList([
        #     nn.Linear(d_in, 1) for _ in range(n_experts)
        # ])
        # end

    def forward(self, x):
        g = torch.softmax(self.gate(x), dim=-1)
        out = torch.cat([expert(x) for expert in self.experts], dim=-1)
        return (g * out).sum(-1), g


def r2(model, x, y):
    model.eval()
    with torch.no_grad():
        pred, g = model(x)
    return 1 - ((pred - y) ** 2).mean().item() / y.var().item(), g.mean(0)


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    centers = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [-1, -1, 0, 0], [0, 0, 1.2, 0]])
    w1 = rng.normal(size=(4, 8))
    xtr, ytr = make_data(args.n_train, rng, centers, w1)
    xte, yte = make_data(1000, rng, centers, w1)
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=128, shuffle=True)

    model = MixtureOfExperts(8, args.n_experts)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.epochs * len(loader))
    for epoch in range(args.epochs):
        model.train()
        se = n = 0
        for x, y in loader:
            pred, g = model(x)
            mse = nn.functional.mse_loss(pred, y)
            usage = g.mean(0)
            # keep the gate from using one expert only
            imbalance = math.log(args.n_experts) + (usage * (usage + 1e-9).log()).sum()
            loss = mse + args.balance * imbalance
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            se += mse.item() * len(y)
            n += len(y)
        score, usage = r2(model, xte, yte)
        print(f"epoch {epoch:2d}  train mse {se / n:.4f}  test R2 {score:.4f}")
    print("train R2 %.4f" % r2(model, xtr, ytr)[0], "test R2 %.4f" % score)
    print("use of experts:", " ".join(f"{u:.2f}" for u in usage.tolist()))


if __name__ == "__main__":
    main()
