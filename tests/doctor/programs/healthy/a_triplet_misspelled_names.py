"""Metric learning for record linkage: a typo'd company name should land next to its clean form."""
import random
import string
from itertools import islice
import torch
from torch import nn, optim
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
SYL = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
END = ["tech", "soft", "corp", "labs", "trade", "works"]


def typo(s):
    s = list(s)
    for _ in range(random.choice([1, 1, 2])):
        i = random.randrange(len(s))
        op = random.random()
        if op < 0.35:
            s[i] = random.choice(string.ascii_lowercase)
        elif op < 0.6:
            s.insert(i, random.choice(string.ascii_lowercase))
        elif op < 0.8 and len(s) > 5:
            del s[i]
        elif i:
            s[i - 1], s[i] = s[i], s[i - 1]
    return "".join(s)


names = set()
while len(names) < 2200:
    names.add("".join(random.choice(SYL) for _ in range(random.randint(2, 4))) + random.choice(END))
names = sorted(names)
random.shuffle(names)
fit, held = names[:1800], names[1800:]
VOC = 3000


def feats(s):
    s = f"^{s}$"
    grams = [s[i:i + n] for n in (1, 2, 3) for i in range(len(s) - n + 1)]
    return torch.tensor([sum(ord(c) * 131 ** k for k, c in enumerate(g)) % VOC for g in grams])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.grams = nn.EmbeddingBag(VOC, 48, mode="mean")
        self.proj = nn.Linear(48, 32)

    def forward(self, strings):
        ids = [feats(s) for s in strings]
        offs = torch.tensor([0] + [len(i) for i in ids]).cumsum(0)[:-1]
        return F.normalize(self.proj(self.grams(torch.cat(ids), offs)), dim=-1)


def batches(items, size):
    items = random.sample(items, len(items))
    it = iter(items)
    while chunk := list(islice(it, size)):
        yield chunk


@torch.no_grad()
def recall_at_1(net, pool):
    clean, noisy = net(pool), net([typo(s) for s in pool])
    return ((noisy @ clean.T).argmax(1) == torch.arange(len(pool))).float().mean().item()


net = Encoder()
opt = optim.Adam(net.parameters(), lr=5e-3)
triplet = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: 1 - (a * b).sum(-1), margin=0.3)
net.eval()
print(f"untrained: recall@1 {recall_at_1(net, held):.3f}")
for epoch in range(5):
    net.train()
    tot = n = 0
    for clean in batches(fit, 60):
        a, p = net([typo(s) for s in clean]), net(clean)
        with torch.no_grad():                     # hardest negative of the batch
            sim = a @ p.T
            sim.fill_diagonal_(-9)
            hard = sim.argmax(1)
        loss = triplet(a, p, p[hard])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, n = tot + loss.item(), n + 1
    net.eval()
    print(f"epoch {epoch + 1}: triplet loss {tot / n:.4f}  recall@1 fit(400) {recall_at_1(net, fit[:400]):.3f}  held out {recall_at_1(net, held):.3f}")
