"""Attention pooling over review words, three classes (bad / so-so / good).
Batches are bucketed by length for speed; the dev set is padded once to MAX_LEN and kept as a tensor."""
import random
import numpy as np
import torch
from torch import nn

random.seed(21)
np.random.seed(21)
torch.manual_seed(21)
MAX_LEN = 128
GOOD = 'great lovely superb tasty friendly fresh perfect charming quick generous'.split()
BAD = 'awful rude stale dirty bland slow cold greasy noisy burnt'.split()
PLAIN = ('the a we table waiter menu food soup place was were and our with had evening lunch street window order came '
         'then it very they again side bread wine friend chef room bill plate tuesday corner').split()


def review():
    n = random.randint(5, 30)
    words = random.choices(PLAIN, k=n)
    k = max(2, n // 4)
    score = random.choice([-1, 0, 1])
    tone = {1: GOOD * 4 + BAD, -1: BAD * 4 + GOOD}.get(score)
    if score == 0:
        picks = random.choices(GOOD, k=(k + 1) // 2) + random.choices(BAD, k=(k + 1) // 2)
    else:
        picks = random.choices(tone, k=k)
        while abs(sum(w in GOOD for w in picks) - sum(w in BAD for w in picks)) < k * .6:
            picks = random.choices(tone, k=k)
    for w in picks:
        words.insert(random.randrange(len(words) + 1), w)
    return ' '.join(words), score + 1


pairs = {}
while len(pairs) < 3000:
    t, s = review()
    pairs[t] = s
pairs = list(pairs.items())
train, dev = pairs[:2500], pairs[2500:]
stoi = {'<pad>': 0}
for t, _ in train:
    for w in t.split():
        stoi.setdefault(w, len(stoi))


def to_ids(texts, length):
    out = np.zeros((len(texts), length), dtype=np.int64)
    for r, t in enumerate(texts):
        ids = [stoi[w] for w in t.split()][:length]
        out[r, :len(ids)] = ids
    return torch.from_numpy(out)


class AttnPool(nn.Module):
    def __init__(self, v, d=24):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.key = nn.Linear(d, d, bias=False)
        self.query = nn.Parameter(torch.randn(d) * .1)
        self.cls = nn.Linear(d, 3)

    def forward(self, ids):
        e = self.emb(ids)
        # cosine attention: scores stay in [-1, 1]
        score = nn.functional.normalize(self.key(e), dim=-1) @ nn.functional.normalize(self.query, dim=0)
        # fault:
        alpha = score.softmax(dim=1)
        # mended:
        # alpha = score.masked_fill(ids == 0, -1e9).softmax(dim=1)
        # end
        return self.cls((alpha.unsqueeze(-1) * e).sum(1))


train.sort(key=lambda p: len(p[0].split()))
buckets = []
for i in range(0, len(train), 50):
    chunk = train[i:i + 50]
    buckets.append((to_ids([t for t, _ in chunk], max(len(t.split()) for t, _ in chunk)),
                    torch.tensor([s for _, s in chunk])))
dev_x, dev_y = to_ids([t for t, _ in dev], MAX_LEN), torch.tensor([s for _, s in dev])

net = AttnPool(len(stoi))
optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
decay = torch.optim.lr_scheduler.ExponentialLR(optimiser, .7)
for epoch in range(8):
    net.train()
    random.shuffle(buckets)
    tot, hit = 0., 0
    for x, y in buckets:
        logits = net(x)
        loss = nn.functional.cross_entropy(logits, y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        tot += loss.item() / len(buckets)
        hit += (logits.argmax(1) == y).sum().item()
    decay.step()
    net.eval()
    with torch.no_grad():
        p = net(dev_x)
    print(f'epoch {epoch} train loss {tot:.3f} acc {hit / len(train):.3f} | dev loss '
          f'{nn.functional.cross_entropy(p, dev_y).item():.3f} acc {(p.argmax(1) == dev_y).float().mean().item():.3f} '
          f'predicted {p.argmax(1).bincount(minlength=3).tolist()}')
