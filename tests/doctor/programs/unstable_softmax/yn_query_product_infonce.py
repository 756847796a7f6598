# two-tower retrieval: shop queries -> product titles, in-batch negatives
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21); torch.manual_seed(21)
KIND = {'couch': 'sofa', 'tv': 'television', 'fridge': 'refrigerator', 'sneakers': 'trainers', 'mobile': 'smartphone', 'bike': 'bicycle',
        'lamp': 'light', 'rug': 'carpet', 'pan': 'skillet', 'backpack': 'rucksack', 'jumper': 'sweater', 'pram': 'stroller'}
COL = {'dark': 'black', 'red': 'crimson', 'blue': 'navy', 'green': 'olive', 'white': 'ivory', 'grey': 'slate', 'yellow': 'mustard', 'pink': 'rose'}
BRAND = ['acme', 'norda', 'zentro', 'kivo', 'lumex', 'brava', 'otto', 'pelle', 'quanta', 'rixo']
ATTR = {'cheap': 'budget', 'big': 'large', 'small': 'compact', 'kids': 'junior', 'used': 'refurbished', 'fancy': 'premium'}
every = [(k, c, b, a) for k in KIND for c in COL for b in BRAND for a in ATTR]
random.shuffle(every)

def pair(item):
    k, c, b, a = item
    q, t = [a, c, b, k], [b, KIND[k], ATTR[a], COL[c], random.choice(['new', 'free', 'sale', '2024', 'uk'])]
    random.shuffle(q)
    return q, t

train, test = [pair(i) for i in every[:3000]], [pair(i) for i in every[3000:3400]]
words = sorted({w for p in train for side in p for w in side})
w2i = {w: i for i, w in enumerate(words)}
as_ids = lambda rows: torch.tensor([[w2i[w] for w in r] for r in rows])      # 4 words / 5 words, always
Qtr, Ttr, Qte, Tte = (as_ids([p[s] for p in part]) for part in (train, test) for s in (0, 1))


class Tower(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.emb = nn.Embedding(n, dim)
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        return F.normalize(self.fc(self.emb(x).mean(1)), dim=-1)


query, title = Tower(len(words)), Tower(len(words))
opt = torch.optim.Adam([*query.parameters(), *title.parameters()], lr=5e-3)
TEMPERATURE = 0.005


def info_nce(q, t):
    sim = q @ t.T / TEMPERATURE
    # fault:
    e = torch.exp(sim)
    loss = -torch.log(e.diagonal() / e.sum(dim=1))
    # mended:
    # loss = torch.logsumexp(sim, dim=1) - sim.diagonal()
    # end
    return loss.mean()


@torch.no_grad()
def recall_at(k):
    s = query(Qte) @ title(Tte).T
    rank = (s > s.diagonal()[:, None]).sum(1)
    ok = (rank < k) & ~s.diagonal().isnan()
    return ok.float().mean().item()


print(f'before: recall@1 {recall_at(1):.3f}')
for epoch in range(6):
    losses = []
    for idx in torch.randperm(len(Qtr)).split(60):
        loss = info_nce(query(Qtr[idx]), title(Ttr[idx]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f'epoch {epoch + 1}  loss {sum(losses) / len(losses):.4f}  recall@1 {recall_at(1):.3f}  recall@5 {recall_at(5):.3f}')
