# Fuzzy name matching with a triplet loss.  "jonh smiht" should land next to "john smith".
# Character bigram bag -> unit vector.  Test names are never seen in training.
import random
import string
import torch
from torch import nn
import torch.nn.functional as F

rnd = random.Random(17)
torch.manual_seed(17)

SYL = "ka ro mi ta len son ber ari to shi per ez na du val gar cia mo han li ko va sen bri an do wal ter".split()


def word():
    return "".join(rnd.sample(SYL, rnd.randint(2, 3)))


def typo(name):
    s = list(name)
    for _ in range(rnd.randint(1, 3)):
        i = rnd.randrange(len(s) - 1)
        kind = rnd.choice("swap drop dup sub".split())
        if kind == "swap":
            s[i], s[i + 1] = s[i + 1], s[i]
        elif kind == "drop":
            del s[i]
        elif kind == "dup":
            s.insert(i, s[i])
        else:
            s[i] = rnd.choice(string.ascii_lowercase)
    return "".join(s)


names = list({word() + " " + word() for _ in range(1600)})
names.sort()
rnd.shuffle(names)
train, test = names[:1100], names[1100:1500]
ALPHA = {c: i for i, c in enumerate("^ " + string.ascii_lowercase + "$")}
N = len(ALPHA)


def bigrams(batch):
    flat, off = [], []
    for n in batch:
        n = f"^{n}$"
        off.append(len(flat))
        flat += [ALPHA[a] * N + ALPHA[b] for a, b in zip(n, n[1:])]
        flat += [N * N + ALPHA[c] for c in n[1:-1]]           # single letters survive a swap
    return torch.tensor(flat), torch.tensor(off)


class Encoder(nn.Module):
    def __init__(self, dim=14):
        super().__init__()
        self.bag = nn.EmbeddingBag(N * N + N, dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.3)
        self.proj = nn.Linear(dim, dim, bias=False)

    def forward(self, batch):
        return F.normalize(self.proj(self.bag(*bigrams(batch))), dim=-1)


enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=1.2e-2)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=6)
triplet = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: 1 - (a * b).sum(-1), margin=0.3)


@torch.no_grad()
def recall_at_1(group):
    group = group[:400]
    sim = enc([typo(n) for n in group]) @ enc(group).T
    return (sim.argmax(1) == torch.arange(len(group))).float().mean().item()


print(f"untrained: train {recall_at_1(train):.3f} test {recall_at_1(test):.3f}")
for epoch in range(6):
    rnd.shuffle(train)
    losses, active = [], []
    for i in range(0, len(train), 50):
        clean = train[i:i + 50]
        anchor, positive = enc([typo(n) for n in clean]), enc(clean)
        with torch.no_grad():                      # hardest wrong name of the batch
            sim = anchor @ positive.T
            hardest = sim.fill_diagonal_(-1.0).argmax(1)
        loss = triplet(anchor, positive, positive[hardest])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {epoch}: triplet loss {sum(losses) / len(losses):.4f}  recall@1 train {recall_at_1(train):.3f} test {recall_at_1(test):.3f}")
