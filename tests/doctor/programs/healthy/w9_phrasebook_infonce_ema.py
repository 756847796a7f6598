"""Match phrases of two (invented) languages: two bag encoders, in-batch negatives, learnt temperature, EMA copy for scoring."""
import copy
import itertools
import random
import torch
import torch.nn.functional as F
from torch import nn

random.seed(6)
torch.manual_seed(6)
K = 12
who, does, where = ([f"{n}{i}" for i in range(K)] for n in ("who", "does", "where"))
syll = ["".join(s) for s in itertools.product("bdgkmnprst", "aeiou", "lnrsx")]
random.shuffle(syll)
lex = dict(zip(who + does + where, syll))
particles_a, particles_b = ["a1", "a2", "a3", "a4"], ["zu", "po", "ge", "hy", "vi"]

pairs = []
for combo in itertools.product(who, does, where):
    a = list(combo) + random.choices(particles_a, k=2)
    b = [lex[w] for w in combo][::-1] + random.choices(particles_b, k=2)
    pairs.append((a, b))
random.shuffle(pairs)
va = {w: i for i, w in enumerate(sorted({w for a, _ in pairs for w in a}))}
vb = {w: i for i, w in enumerate(sorted({w for _, b in pairs for w in b}))}
A = torch.tensor([[va[w] for w in a] for a, _ in pairs])
B = torch.tensor([[vb[w] for w in b] for _, b in pairs])
n = 1400


class TwoTowers(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.left, self.right = nn.EmbeddingBag(len(va), d), nn.EmbeddingBag(len(vb), d)
        self.log_scale = nn.Parameter(torch.tensor(1.5))

    def forward(self, a, b):
        return self.log_scale.exp() * F.normalize(self.left(a), dim=1) @ F.normalize(self.right(b), dim=1).T


towers = TwoTowers()
slow = copy.deepcopy(towers).requires_grad_(False)
opt = torch.optim.Adam(towers.parameters(), lr=1e-2)


def hit1(model, a, b):
    with torch.no_grad():
        s = model(a, b)
    gold = torch.arange(len(a))
    return (s.argmax(1) == gold).float().mean().item(), (s.argmax(0) == gold).float().mean().item()


for epoch in range(1, 13):
    mean = []
    for ix in torch.randperm(n).split(100):
        s = towers(A[ix], B[ix])
        gold = torch.arange(len(ix))
        loss = (F.cross_entropy(s, gold) + F.cross_entropy(s.T, gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for p, q in zip(slow.parameters(), towers.parameters()):
                p.lerp_(q, 0.1)
        mean.append(loss.item())
    tr, te = hit1(slow, A[:300], B[:300]), hit1(slow, A[n:], B[n:])
    print(f"epoch {epoch:2d} loss {sum(mean) / len(mean):.3f} hit@1 train(300) {tr[0]:.3f}/{tr[1]:.3f} unseen({len(A) - n}) {te[0]:.3f}/{te[1]:.3f}")
