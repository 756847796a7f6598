"""Prototypical networks (Snell et al. 2017): 5-way 5-shot over text intents; test intents are never seen in training.
GloVe rows stay as they are; only the projection is learned.  Prints episode accuracy."""
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

random.seed(9); np.random.seed(9); torch.manual_seed(9)

w2i, rows = {}, []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n == 4000: break
        w, *v = line.split()
        w2i[w] = n; rows.append(np.asarray(v, dtype=np.float32))
vectors = torch.from_numpy(np.stack(rows))
all_words = list(w2i)[150:]

N_INTENTS, WAY, SHOT, QUERY, LEN = 200, 5, 5, 5, 10
noise = list(w2i)[:150]                       # function words and punctuation
centre = vectors[[w2i[w] for w in all_words]]
unit = nn.functional.normalize(centre, dim=1)
intents = []
for _ in range(N_INTENTS):                      # an intent is a word and its 14 nearest neighbours
    k = random.randrange(len(all_words))
    near = (unit @ unit[k]).topk(15).indices.tolist()
    intents.append([w2i[all_words[j]] for j in near])
noise = [w2i[w] for w in noise]

def utterance(c):
    k = random.randint(2, 3)
    s = random.sample(intents[c], k) + random.sample(noise, random.randint(LEN - 3 - k, LEN - k))
    random.shuffle(s)
    return s

def bag(list_of_ids):
    flat = torch.tensor([i for s in list_of_ids for i in s])
    off = torch.tensor([0] + [len(s) for s in list_of_ids[:-1]]).cumsum(0)
    return flat, off

def episode(pool):
    cs = random.sample(pool, WAY)
    sup = [utterance(c) for c in cs for _ in range(SHOT)]
    qry = [utterance(c) for c in cs for _ in range(QUERY)]
    return bag(sup), bag(qry), torch.arange(WAY).repeat_interleave(QUERY)

class Embedder(nn.Module):
    def __init__(self, out=32):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.gate = nn.Linear(50, 1)
        self.f = nn.Linear(50, out, bias=False)
    def forward(self, flat, off):
        v = self.words(flat)
        owner = torch.zeros(len(flat), dtype=torch.long)
        owner[off[1:]] = 1
        owner = owner.cumsum(0)
        g = self.gate(v).sigmoid()
        num = torch.zeros(len(off), 50).index_add(0, owner, g * v)
        den = torch.zeros(len(off), 1).index_add(0, owner, g)
        return self.f(num / den)

def logits(net, sup, qry):
    proto = net(*sup).view(WAY, SHOT, -1).mean(1)
    return -((net(*qry)[:, None] - proto[None]) ** 2).sum(-1)

net = Embedder()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
step = torch.optim.lr_scheduler.StepLR(opt, 150, gamma=0.4)
train_pool, test_pool = list(range(150)), list(range(150, 200))

@torch.no_grad()
def score(pool, n=120):
    net.eval()
    a = []
    for _ in range(n):
        s, q, y = episode(pool)
        a.append((logits(net, s, q).argmax(1) == y).float().mean().item())
    return np.mean(a), 1.96 * np.std(a) / n ** .5

print("untrained  test %.3f +- %.3f" % score(test_pool))
hist = []
for ep in range(1, 451):
    net.train()
    s, q, y = episode(train_pool)
    loss = nn.functional.cross_entropy(logits(net, s, q), y)
    opt.zero_grad(); loss.backward(); opt.step(); step.step()
    hist.append(loss.item())
    if ep % 150 == 0:
        print(f"episode {ep} loss {np.mean(hist[-75:]):.3f}", " test %.3f +- %.3f" % score(test_pool))
print("seen intents %.3f +- %.3f" % score(train_pool))
