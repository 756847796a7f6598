"""Token mixer for protein-like motif strings: a summary slot reads the whole string, then decides the family."""
import math
import torch
from torch import nn

ACIDS = "ACDEFGHIKLMNPQRSTVWY"
FAMILIES = {"kinase": ("GKS", "DFG"), "zinc": ("CHC", "HCC"), "helix": ("LLE", "AEL"), "sheet": ("VTV", "TVY")}
LENGTH = 14


def sample(n, seed):
    g = torch.Generator().manual_seed(seed)

    def pick(k):
        return torch.randint(k, (1,), generator=g).item()
    names, rows, labels = list(FAMILIES), [], []
    for _ in range(n):
        s = [ACIDS[pick(20)] for _ in range(LENGTH)]
        fam = pick(len(names))
        for j, motif in enumerate(FAMILIES[names[fam]]):
            at = j * 7 + pick(5)
            s[at : at + 3] = motif
        rows.append([0] + [ACIDS.index(c) + 1 for c in s])
        labels.append(fam)
    return torch.tensor(rows), torch.tensor(labels)


class Norm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.g = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * self.g * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class MixBlock(nn.Module):
    """every position sees a projection of the string's average, then its own MLP"""

    def __init__(self, d):
        super().__init__()
        self.local = nn.Conv1d(d, d, 3, padding=1)
        self.share = nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        self.n1, self.n2 = Norm(d), Norm(d)

    def forward(self, x):                                    # (rows, slots, d)
        z = self.n1(x)
        z = torch.relu(self.local(z.transpose(1, 2)).transpose(1, 2))
        # fault:
        x = x + self.share(z[:, 1:].mean(0).mean(0))
        # mended:
        #x = x + self.share(z[:, 1:].mean(1, keepdim=True))
        # end
        return x + self.down(torch.relu(self.up(self.n2(x))))


class Mixer(nn.Module):
    def __init__(self, d=32, n_classes=len(FAMILIES)):
        super().__init__()
        self.table = nn.Parameter(torch.randn(len(ACIDS) + 1, d) / math.sqrt(d) * 2)
        self.blocks = nn.ModuleList([MixBlock(d) for _ in range(2)])
        self.read = nn.Linear(d, n_classes)

    def forward(self, ids):
        x = self.table[ids]
        for b in self.blocks:
            x = b(x)
        return self.read(x[:, 0])


class Session:
    def __init__(self, model, lr, epochs, bs, train):
        self.model, self.bs, self.epochs = model, bs, epochs
        self.x, self.y = train
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.02)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, epochs * math.ceil(len(self.y) / bs))

    def epoch(self):
        self.model.train()
        acc = 0.0
        for b in torch.randperm(len(self.y)).split(self.bs):
            loss = nn.functional.cross_entropy(self.model(self.x[b]), self.y[b])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            self.sched.step()
            acc += loss.item() * len(b)
        return acc / len(self.y)

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        pred = torch.cat([self.model(c).argmax(1) for c in x.split(64)])
        return (pred == y).float().mean().item()


torch.manual_seed(3)
train, held = sample(900, 1), sample(300, 2)
sess = Session(Mixer(), 3e-3, 6, 30, train)
for e in range(sess.epochs):
    l = sess.epoch()
    print(f"{e:2d} loss {l:.4f} held-out {sess.accuracy(*held):.3f}")
print("train", round(sess.accuracy(*train), 3), "held-out", round(sess.accuracy(*held), 3))
