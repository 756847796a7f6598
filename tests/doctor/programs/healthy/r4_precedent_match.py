# %% [markdown]
# Which precedent does a holding cite? Two towers, in-batch negatives, recall@1/@5 and MRR over unseen cases.

# %%
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(77)
random.seed(77)

N_TOPICS, TERMS_PER_TOPIC, N_GENERAL = 24, 7, 50
VOCAB = 1 + N_TOPICS * TERMS_PER_TOPIC + N_GENERAL


def term(topic):
    return 1 + topic * TERMS_PER_TOPIC + random.randrange(TERMS_PER_TOPIC)


def general():
    return 1 + N_TOPICS * TERMS_PER_TOPIC + random.randrange(N_GENERAL)


# %% a case turns on three doctrines; holding and precedent share them but not their words
def pair():
    topics = random.sample(range(N_TOPICS), 3)

    def text(n_general):
        ids = [term(t) for t in topics for _ in range(random.randint(2, 3))]
        ids += [general() for _ in range(n_general)]
        random.shuffle(ids)
        return tuple(ids)

    return frozenset(topics), text(random.randint(2, 8)), text(random.randint(5, 12))


# %% no doctrine combination of the test pool is ever in training
combos, train, test = set(), [], []
while len(test) < 200:
    topics, holding, precedent = pair()
    if topics not in combos:
        combos.add(topics)
        test.append((holding, precedent))
while len(train) < 3200:
    topics, holding, precedent = pair()
    if topics not in combos:
        train.append((holding, precedent))


def pad(texts):
    out = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for i, t in enumerate(texts):
        out[i, :len(t)] = torch.tensor(t)
    return out


# %%
class Tower(nn.Module):
    def __init__(self, table, dim):
        super().__init__()
        self.table = table
        self.weigh = nn.Linear(dim, 1)
        self.turn = nn.Linear(dim, dim)

    def forward(self, ids):
        e = self.table(ids)
        a = self.weigh(e).squeeze(-1).masked_fill(ids == 0, float("-inf")).softmax(-1)
        return F.normalize(self.turn((a[..., None] * e).sum(1)), dim=-1)


DIM = 40
table = nn.Embedding(VOCAB, DIM, padding_idx=0)
holding_tower, precedent_tower = Tower(table, DIM), Tower(table, DIM)
log_scale = nn.Parameter(torch.tensor(2.5))
params = {id(p): p for m in (holding_tower, precedent_tower) for p in m.parameters()}
optimizer = torch.optim.Adam([*params.values(), log_scale], lr=1e-2)


def similarity(batch):
    h = holding_tower(pad([b[0] for b in batch]))
    p = precedent_tower(pad([b[1] for b in batch]))
    return h @ p.T * log_scale.exp().clamp(max=50)


def ranking(batch):
    holding_tower.eval(), precedent_tower.eval()
    with torch.no_grad():
        s = similarity(batch)
    rank = (s > s.diag()[:, None]).sum(1) + 1
    return (rank == 1).float().mean().item(), (rank <= 5).float().mean().item(), (1 / rank).mean().item()


# %%
print("before: R@1 %.3f R@5 %.3f MRR %.3f" % ranking(test))
for epoch in range(12):
    holding_tower.train(), precedent_tower.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 80):
        s = similarity(train[i:i + 80])
        gold = torch.arange(len(s))
        loss = (F.cross_entropy(s, gold) + F.cross_entropy(s.T, gold)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 2:
        print(f"epoch {epoch + 1:2d} loss {total / 40:.3f}  " + "R@1 %.3f R@5 %.3f MRR %.3f" % ranking(test))
print("training sample: R@1 %.3f R@5 %.3f MRR %.3f" % ranking(train[:200]))
