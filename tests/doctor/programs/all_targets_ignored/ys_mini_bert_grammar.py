"""Masked language model over very short commands, pre-norm attention, single file.
The fill-in accuracy on unseen commands is the number of interest."""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(12)
np.random.seed(12)
torch.manual_seed(12)

SLOTS = {
    "lamp": ["red", "dim", "bright"], "door": ["open", "shut", "locked"], "music": ["loud", "quiet", "jazzy"],
    "oven": ["hot", "cold", "warm"], "radio": ["local", "foreign", "silent"],
}
VERB = {"lamp": "switch", "door": "push", "music": "play", "oven": "heat", "radio": "tune"}
tokens = ["[pad]", "[mask]", "the", "now"] + list(SLOTS) + sorted(VERB.values()) + sum(SLOTS.values(), [])
stoi = {t: i for i, t in enumerate(tokens)}
MASK, LENGTH, BS = stoi["[mask]"], 4, 4


def command():
    n = random.choice(list(SLOTS))
    return [stoi[VERB[n]], stoi["the"], stoi[random.choice(SLOTS[n])], stoi[n]]


def mask_tokens(x, p=0.15):
    pick = torch.rand(x.shape) < p
    # fault:
    # mended:
    # pick.scatter_(1, torch.randint(x.size(1), (x.size(0), 1)), True)
    # end
    return x.masked_fill(pick, MASK), pick.float()


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = nn.MultiheadAttention(d, 2, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, h):
        z = self.n1(h)
        h = h + self.att(z, z, z, need_weights=False)[0]
        return h + self.ff(self.n2(h))


class MiniBert(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(tokens), d), nn.Parameter(torch.randn(LENGTH, d) * 0.1)
        self.block, self.norm = Block(d), nn.LayerNorm(d)
        self.out = nn.Linear(d, len(tokens))

    def forward(self, x):
        return self.out(self.norm(self.block(self.tok(x) + self.pos)))


data = torch.tensor([command() for _ in range(1200)])
dev = torch.tensor([command() for _ in range(400)])
model = MiniBert()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=2 * len(data) // BS)


def criterion(logits, gold, weight):
    nll = -logits.log_softmax(-1).gather(-1, gold.unsqueeze(-1)).squeeze(-1)
    return (nll * weight).sum() / weight.sum()


for epoch in range(2):
    model.train()
    log = []
    for rows in torch.randperm(len(data)).split(BS):
        x, w = mask_tokens(data[rows])
        loss = criterion(model(x), data[rows], w)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        log.append(loss.item())
    model.eval()
    with torch.no_grad():
        res = []
        for place, name in ((0, "verb"), (1, "article"), (2, "adjective"), (3, "noun")):
            z = dev.clone()
            z[:, place] = MASK
            res.append(f"{name} {(model(z)[:, place].argmax(-1) == dev[:, place]).float().mean().item():.3f}")
    print(f"epoch {epoch}: first batches {np.mean(log[:20]):.3f} last batches {np.mean(log[-100:]):.3f} | filled in on dev: {', '.join(res)}")
