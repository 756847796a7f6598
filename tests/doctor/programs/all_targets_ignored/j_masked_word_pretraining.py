"""A miniature of BERT's masked word objective on made-up train announcements, small conv encoder."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

PAD, MASK, IGNORE = 0, 1, -100
rng = np.random.default_rng(31)
random.seed(31)
torch.manual_seed(31)

LINES = {"red": ("airport", "harbour", "stadium"), "blue": ("museum", "castle", "lake"), "green": ("zoo", "market", "campus"), "gold": ("border", "beach", "dam")}
NUM = {"red": "one", "blue": "two", "green": "three", "gold": "four"}

HELLO = ["attention please", "dear passengers", "good evening", "ladies and gentlemen", "this is the night desk"]
BYE = ["thank you", "stand clear of the doors", "take care", "no smoking here", "have a nice trip", "keep your bags close"]


def announcement():
    c = random.choice(list(LINES)); s = random.choice(LINES[c])
    body = random.choice([f"the {c} train to the {s} leaves from platform {NUM[c]}", f"platform {NUM[c]} {c} train {s}",
                          f"mind the gap {c} train to the {s}", f"the train to the {s} on platform {NUM[c]} is late"])
    return f"{random.choice(HELLO)} {body} {random.choice(BYE)}".split()


texts = [announcement() for _ in range(700)]
valid = [t for t in (announcement() for _ in range(500)) if t not in texts][:400]
vocab = ["[PAD]", "[MASK]"] + sorted({w for t in texts for w in t})
w2i = {w: i for i, w in enumerate(vocab)}


def collate(batch):
    n = max(len(t) for t in batch)
    ids = np.zeros((len(batch), n), dtype=np.int64)
    for r, t in enumerate(batch):
        ids[r, : len(t)] = [w2i[w] for w in t]
    labels = np.full_like(ids, IGNORE)
    # fault:
    pick = (rng.random(ids.shape) < 0.08) & (ids != PAD)
    # mended:
    # pick = (rng.random(ids.shape) < 0.08) & (ids != PAD)
    # for r, t in enumerate(batch):
        # if not pick[r].any():
            # pick[r, rng.integers(len(t))] = True
    # end
    labels[pick] = ids[pick]
    ids[pick] = MASK
    return torch.from_numpy(ids), torch.from_numpy(labels)


class Filler(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok = nn.Embedding(len(vocab), d, padding_idx=PAD)
        self.near = nn.Conv1d(d, 64, 5, padding=2)
        self.far = nn.Linear(d, 64)
        self.mix = nn.Linear(64, d)
        self.bias = nn.Parameter(torch.zeros(len(vocab)))

    def forward(self, ids):
        e, m = self.tok(ids), (ids != PAD).unsqueeze(-1)
        whole = (e * m).sum(1, keepdim=True) / m.sum(1, keepdim=True)          # what the sentence is about
        h = self.near(e.transpose(1, 2)).transpose(1, 2) + self.far(whole)
        return self.mix(F.gelu(h)) @ self.tok.weight.t() + self.bias


net = Filler()
nn.init.normal_(net.tok.weight, std=0.2)
with torch.no_grad():
    net.tok.weight[PAD].zero_()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)


def validate():
    net.eval()
    right = total = 0
    with torch.no_grad():
        for i in range(0, len(valid), 50):
            x, y = collate(valid[i:i + 50])
            k = y != IGNORE
            right += (net(x).argmax(-1)[k] == y[k]).sum().item(); total += k.sum().item()
    return right / total


BATCH = 3
for epoch in range(3):
    net.train()
    random.shuffle(texts)
    curve = []
    for i in range(0, len(texts), BATCH):
        x, y = collate(texts[i:i + BATCH])
        per_token = F.cross_entropy(net(x).transpose(1, 2), y.clamp(min=0), reduction="none")
        counts = (y != IGNORE).float()
        loss = (per_token * counts).sum() / counts.sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        curve.append(loss.item())
    print("epoch", epoch, "mlm loss %.4f" % np.mean(curve), "masked words guessed %.3f" % validate())
