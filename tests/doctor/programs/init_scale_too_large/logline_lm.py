#!/usr/bin/env python
"""Next-token model for server log lines: one causal transformer block, input and output tables tied."""
import argparse
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument("--lines", type=int, default=4000)
ap.add_argument("--dim", type=int, default=96)
ap.add_argument("--steps", type=int, default=280)
ap.add_argument("--lr", type=float, default=2e-3)
args = ap.parse_args()
random.seed(42)
torch.manual_seed(42)

HOSTS = [f"web{i:02d}" for i in range(12)] + [f"db{i}" for i in range(4)]
USERS = [f"user{i}" for i in range(120)]
PATHS = ["/", "/login", "/cart", "/search", "/static/app.js", "/api/v1/items", "/api/v1/users", "/admin"]
TEMPLATES = [
    lambda: ["INFO", random.choice(HOSTS[:12]), "nginx", "GET", random.choice(PATHS), "200", f"{random.randint(1, 40)}ms"],
    lambda: ["WARN", random.choice(HOSTS[:12]), "nginx", "POST", random.choice(PATHS[5:]), "503", "timeout"],
    lambda: ["INFO", random.choice(HOSTS), "sshd", "session", "opened", "for", random.choice(USERS)],
    lambda: ["INFO", random.choice(HOSTS), "sshd", "session", "closed", "for", random.choice(USERS)],
    lambda: ["ERROR", random.choice(HOSTS[12:]), "postgres", "deadlock", "detected", "in", "transaction", "of", random.choice(USERS)],
    lambda: ["ERROR", random.choice(HOSTS), "kernel", "out", "of", "memory", "killed", random.choice(["java", "python", "postgres"])],
    lambda: ["DEBUG", random.choice(HOSTS), "cron", "job", random.choice(["backup", "rotate", "mail"]), "finished", "ok"],
]
seen = set()
while len(seen) < args.lines:
    seen.add(tuple(random.choice(TEMPLATES)()) + ("<eol>",))
lines = sorted(seen)
random.shuffle(lines)
itos = ["<pad>", "<bol>"] + sorted({t for l in lines for t in l})
stoi = {t: i for i, t in enumerate(itos)}
V, T = len(itos), max(map(len, lines)) + 1
data = torch.zeros(len(lines), T, dtype=torch.long)
for i, l in enumerate(lines):
    data[i, :len(l) + 1] = torch.tensor([1] + [stoi[t] for t in l])
heldout, data = data[:400], data[400:]


class LogLM(nn.Module):
    def __init__(self, V, d):
        super().__init__()
        self.tok = nn.Embedding(V, d)
        self.pos = nn.Parameter(torch.randn(T, d) * 0.02)
        self.block = nn.TransformerEncoderLayer(d, 4, 2 * d, dropout=0.1, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, V, bias=False)
        self.head.weight = self.tok.weight
        # fault:
        nn.init.normal_(self.tok.weight)
        # mended:
        # nn.init.normal_(self.tok.weight, std=d ** -0.5 / 2)
        # end

    def forward(self, x):
        n = x.shape[1]
        mask = torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
        h = self.tok(x) + self.pos[:n]
        return self.head(self.norm(self.block(h, src_mask=mask)))


model = LogLM(V, args.dim)
opt = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.98), weight_decay=0.0)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.steps, pct_start=0.1)


def nll(batch):
    out = model(batch[:, :-1])
    return F.cross_entropy(out.flatten(0, 1), batch[:, 1:].flatten(), ignore_index=0)


def evaluate():
    model.eval()
    with torch.no_grad():
        v = nll(heldout).item()
    model.train()
    return v


print(f"vocab {V}, uniform nll {math.log(V):.2f}, heldout nll before training {evaluate():.2f}")
for step in range(1, args.steps + 1):
    loss = nll(data[torch.randint(len(data), (48,))])
    opt.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 50 == 0:
        print(f"step {step:4d}  train nll {loss.item():.3f}  heldout nll {evaluate():.3f}")
