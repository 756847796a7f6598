"""Find the customer record for a mistyped address.  Character trigrams, sum of embeddings, triplets with the hardest negative of the batch."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(109)
torch.manual_seed(109)
syll = ["ham", "burg", "linden", "au", "bach", "feld", "kirch", "ober", "nieder", "stein", "wald", "berg", "neu", "hof", "markt", "brunn"]
records = sorted({"".join(random.sample(syll, random.choice([2, 3]))) + random.choice(["weg ", "str ", "platz ", "allee "]) + str(random.randint(1, 120)) for _ in range(1500)})
random.shuffle(records)
known, fresh = records[:1100], records[1100:]


def mistype(s):
    s = list(s)
    for _ in range(random.randint(2, 4)):
        i = random.randrange(len(s))
        kind = random.random()
        if kind < 0.35:
            s[i] = random.choice("abcdefghiklmnoprstuw 0123456789")
        elif kind < 0.6 and len(s) > 5:
            del s[i]
        elif kind < 0.8 and i + 1 < len(s):
            s[i], s[i + 1] = s[i + 1], s[i]
        else:
            s.insert(i, s[i])
    return "".join(s)


BUCKETS = 4096


def grams(s):
    s = f"##{s}##"
    return [sum(ord(c) * m for c, m in zip(s[i:i + n], (1, 131, 7919))) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]


class Encoder(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="sum", sparse=False)
        nn.init.normal_(self.bag.weight, std=dim ** -0.5)
        self.gate = nn.Parameter(torch.zeros(BUCKETS))

    def forward(self, texts):
        ids = [torch.tensor(grams(t)) for t in texts]
        flat = torch.cat(ids)
        off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return F.normalize(self.bag(flat, off, per_sample_weights=2 * torch.sigmoid(self.gate[flat])), dim=1)


def recall(model, group):
    with torch.no_grad():
        sims = model([mistype(s) for s in group]) @ model(group).t()
    return (sims.argmax(1) == torch.arange(len(group))).float().mean().item()


net = Encoder()
opt = torch.optim.Adagrad(net.parameters(), lr=0.03)
print(f"start: known {recall(net, known):.3f}, fresh {recall(net, fresh):.3f}")
for epoch in range(1, 9):
    random.shuffle(known)
    total, active = 0.0, 0.0
    for k in range(0, len(known), 50):
        group = known[k:k + 50]
        anchor, positive = net([mistype(s) for s in group]), net(group)
        sims = anchor @ positive.t()
        hardest = (sims - 9 * torch.eye(len(group))).max(1).values
        gap = F.relu(0.25 + hardest - sims.diagonal())
        loss = gap.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
        active += (gap > 0).float().mean().item()
    n = len(known) / 50
    print(f"epoch {epoch}: loss {total / n:.4f}, triplets still active {active / n:.2f}, found among fresh records {recall(net, fresh):.3f}")
