"""Which stage broke the build? One log = one sequence of event ids; GRU cell written out by hand."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F

rng = random.Random(21)
torch.manual_seed(21)

STEPS = ["clone", "cache", "restore", "setup", "deps", "lint", "compile", "link", "pack", "upload", "info", "note"]
FAILS = {
    "network": ["timeout", "retry", "dns", "proxy", "reset"],
    "tests": ["assert", "expected", "got", "fixture", "flaky"],
    "memory": ["killed", "swap", "rss", "heap", "exit137"],
    "config": ["yaml", "unknown_key", "env", "secret", "missing"],
}
CLASSES = list(FAILS)


@dataclass
class Config:
    # fault:
    window: int = 16
    # mended:
    #window: int = 36
    # end
    dim: int = 16
    hidden: int = 24
    batch: int = 40
    epochs: int = 4
    lr: float = 1e-2


def make_log():
    cls = rng.randrange(len(CLASSES))
    body = [rng.choice(STEPS) for _ in range(rng.randint(15, 23))]
    tail = []
    for _ in range(rng.randint(5, 10)):
        u = rng.random()
        if u < 0.40:
            tail.append(rng.choice(FAILS[CLASSES[cls]]))
        elif u < 0.58:
            tail.append(rng.choice(FAILS[rng.choice(CLASSES)]))
        else:
            tail.append(rng.choice(STEPS))
    return ["<start>"] + body + ["error"] + tail, cls


cfg = Config()
logs = [make_log() for _ in range(2700)]
train, valid = logs[:2200], logs[2200:]
vocab = {"<pad>": 0, "<unk>": 1}
for events, _ in train:
    for e in events:
        vocab.setdefault(e, len(vocab))


def encode(part):
    ids = torch.zeros(len(part), cfg.window, dtype=torch.long)
    length = torch.zeros(len(part), dtype=torch.long)
    for i, (events, _) in enumerate(part):
        row = [vocab.get(e, 1) for e in events][:cfg.window]
        ids[i, :len(row)] = torch.tensor(row)
        length[i] = len(row)
    return ids, length, torch.tensor([c for _, c in part])


def uniform(*shape, fan):
    return ((torch.rand(*shape) * 2 - 1) / math.sqrt(fan)).requires_grad_()


emb = (torch.randn(len(vocab), cfg.dim) * 0.5).requires_grad_()
wx = uniform(cfg.dim, 3 * cfg.hidden, fan=cfg.dim)
wh = uniform(cfg.hidden, 3 * cfg.hidden, fan=cfg.hidden)
bias = torch.zeros(3 * cfg.hidden, requires_grad=True)
wo = uniform(cfg.hidden, len(CLASSES), fan=cfg.hidden)
bo = torch.zeros(len(CLASSES), requires_grad=True)
weights = [emb, wx, wh, bias, wo, bo]


def run(ids, length):
    x = F.embedding(ids, emb) @ wx + bias
    h = x.new_zeros(len(ids), cfg.hidden)
    best = x.new_full((len(ids), cfg.hidden), -1.0)
    for t in range(int(length.max())):
        xr, xz, xn = x[:, t].chunk(3, -1)
        hr, hz, hn = (h @ wh).chunk(3, -1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        new = (1 - z) * torch.tanh(xn + r * hn) + z * h
        live = (t < length).unsqueeze(1)
        h = torch.where(live, new, h)
        best = torch.where(live, torch.maximum(best, new), best)
    return (h + best) @ wo + bo


tr, va = encode(train), encode(valid)
print("window", cfg.window, "events", len(vocab), "logs", len(train), len(valid))
opt = torch.optim.Adam(weights, lr=cfg.lr)
for epoch in range(cfg.epochs):
    perm, total = torch.randperm(len(train)), 0.0
    for part in perm.split(cfg.batch):
        loss = F.cross_entropy(run(tr[0][part], tr[1][part]), tr[2][part])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 2.0)
        opt.step()
        total += loss.item() * len(part)
    with torch.no_grad():
        out = run(va[0], va[1])
        acc = (out.argmax(1) == va[2]).float().mean().item()
        vl = F.cross_entropy(out, va[2]).item()
    print(f"epoch {epoch + 1} train {total / len(train):.4f} valid {vl:.4f} acc {acc:.3f}")
