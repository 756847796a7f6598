"""Hypernetwork: a domain vector generates the weights of the sentiment layer, because "unpredictable" is praise for a
plot and blame for a steering wheel. Invented reviews; each domain has its own set of good and bad words."""
import random
import torch
from torch import nn
from torch.func import functional_call

random.seed(6)
torch.manual_seed(6)
N_DOM, N_OPINION, N_FILL = 4, 60, 80
polarity = [[random.choice([-1, 1]) for _ in range(N_OPINION)] for _ in range(N_DOM)]
opinion = [f"adj{i}" for i in range(N_OPINION)]
filler = [f"w{i}" for i in range(N_FILL)]
idx = {w: i for i, w in enumerate(opinion + filler)}


def review():
    d = random.randrange(N_DOM)
    ops = random.sample(range(N_OPINION), random.choice([3, 5]))       # odd: never a tie
    words = [opinion[o] for o in ops] + random.choices(filler, k=random.randint(4, 10))
    random.shuffle(words)
    return d, [idx[w] for w in words], int(sum(polarity[d][o] for o in ops) > 0)


corpus, known = [], set()
while len(corpus) < 6000:
    r = review()
    if (r[0], *r[1]) not in known:
        known.add((r[0], *r[1]))
        corpus.append(r)
train, test = corpus[:5000], corpus[5000:]


def bags(rows):
    """dense count matrix: short texts, small vocabulary, no padding needed"""
    x = torch.zeros(len(rows), len(idx))
    for i, (_, ids, _) in enumerate(rows):
        for j in ids:
            x[i, j] += 1.0
    return torch.tensor([r[0] for r in rows]), x, torch.tensor([r[2] for r in rows])


class Hyper(nn.Module):
    """domain -> parameters of a small target network"""

    def __init__(self, target, zdim=6):
        super().__init__()
        self.shapes = {n: p.shape for n, p in target.named_parameters()}
        self.z = nn.Embedding(N_DOM, zdim)
        self.gen = nn.ModuleDict({n.replace(".", "_"): nn.Linear(zdim, p.numel()) for n, p in target.named_parameters()})
        for n, p in target.named_parameters():
            lin = self.gen[n.replace(".", "_")]
            nn.init.normal_(lin.weight, std=0.02)
            with torch.no_grad():
                lin.bias.copy_(p.flatten())

    def forward(self, d):
        return {n: self.gen[n.replace(".", "_")](self.z.weight[d]).view(s) for n, s in self.shapes.items()}


target = nn.Linear(len(idx), 2).requires_grad_(False)     # only its shape is used, its weights come from the hypernetwork
hyper = Hyper(target)
print("generated parameters per domain:", sum(s.numel() for s in hyper.shapes.values()))
opt = torch.optim.Adam(hyper.parameters(), lr=6e-3, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
Dtr, Xtr, Ytr = bags(train)
Dte, Xte, Yte = bags(test)


def forward(d, x):
    out = x.new_zeros(len(x), 2)
    for k in range(N_DOM):
        rows = (d == k).nonzero().squeeze(1)
        if len(rows):
            out = out.index_copy(0, rows, functional_call(target, hyper(k), (x[rows],)))
    return out


@torch.no_grad()
def accuracy(d, x, y):
    hit = forward(d, x).argmax(1) == y
    return hit.float().mean().item(), [round(hit[d == k].float().mean().item(), 3) for k in range(N_DOM)]


for epoch in range(8):
    total = 0.0
    for b in torch.randperm(len(Xtr)).split(64):
        loss = nn.functional.cross_entropy(forward(Dtr[b], Xtr[b]), Ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    sched.step()
    a, per = accuracy(Dte, Xte, Yte)
    print(f"epoch {epoch} loss {total / len(Xtr):.4f} test {a:.3f} per domain {per}")
print("train", accuracy(Dtr, Xtr, Ytr)[0])
