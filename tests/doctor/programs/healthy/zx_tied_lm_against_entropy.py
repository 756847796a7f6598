"""How close does a small tied-weight GRU language model come to the entropy of its source?

The source is a random chain over 48 "words" whose true perplexity we can compute.
"""
import math

import numpy as np
import torch
from torch import nn

gen = np.random.default_rng(3)
torch.manual_seed(3)
V, D, ROWS, BPTT, EPOCHS = 48, 40, 32, 20, 8

# every word has four possible successors with uneven odds
succ = np.stack([gen.choice(V, 4, replace=False) for _ in range(V)])
odds = gen.dirichlet(np.ones(4) * 2, size=V)


def sample(n):
    out, w, logp = np.empty(n, np.int64), 0, 0.0
    for i in range(n):
        k = gen.choice(4, p=odds[w])
        logp += math.log(odds[w, k])
        w = succ[w, k]
        out[i] = w
    return out, math.exp(-logp / n)


def batchify(stream):
    n = len(stream) // ROWS
    return torch.from_numpy(stream[: n * ROWS]).view(ROWS, n).t().contiguous()   # (time, rows)


class TiedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(V, D)
        nn.init.normal_(self.wte.weight, std=D ** -0.5)
        self.cell = nn.GRU(D, D)
        self.proj = nn.Linear(D, V)
        self.proj.weight = self.wte.weight        # in = out

    def forward(self, x, h):
        y, h = self.cell(self.wte(x), h)
        return self.proj(y), h


tr_stream, tr_floor = sample(24000)
va_stream, va_floor = sample(6000)
data = {"train": batchify(tr_stream), "valid": batchify(va_stream)}
floor = {"train": tr_floor, "valid": va_floor}
net = TiedLM()
steps = EPOCHS * math.ceil((len(data["train"]) - 1) / BPTT)
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=steps, pct_start=0.25)

for epoch in range(EPOCHS):
    line = []
    for phase in ("train", "valid"):
        net.train(phase == "train")
        stream, h, total, n = data[phase], None, 0.0, 0
        with torch.set_grad_enabled(phase == "train"):
            for i in range(0, len(stream) - 1, BPTT):
                x = stream[i : i + BPTT]
                y = stream[i + 1 : i + 1 + BPTT]
                x = x[: len(y)]
                if h is not None:
                    h = h.detach()
                logits, h = net(x, h)
                loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
                if phase == "train":
                    opt.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                    opt.step()
                    sched.step()
                total += loss.item() * y.numel()
                n += y.numel()
        line.append(f"{phase} ppl {math.exp(total / n):6.3f} (source {floor[phase]:.3f})")
    print(f"epoch {epoch + 1}  " + "   ".join(line))
