"""Helpdesk ticket routing, hackathon weekend. Co-occurrence vectors for known terms, a classifier on top."""
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(21); np.random.seed(21); torch.manual_seed(21)
TEAMS = ['network', 'billing', 'hardware', 'accounts']
EMB = 32

lexicon = {t: [f'{t[:4]}{i}' for i in range(20)] for t in TEAMS}
filler = [f'fill{i}' for i in range(60)]
slang = [f'slang{i}' for i in range(150)]     # names, typos, product codes: no vector in our lexicon


def ticket():
    y = random.randrange(4)
    w = random.choices(lexicon[TEAMS[y]], k=3) + random.choices(filler, k=5) + random.choices(slang, k=random.randint(2, 5))
    if random.random() < .3:
        w.append(random.choice(lexicon[random.choice(TEAMS)]))
    random.shuffle(w)
    return w, y


tickets = [ticket() for _ in range(2600)]
vocab = ['<pad>'] + sorted({w for t, _ in tickets for w in t})
w2i = {w: i for i, w in enumerate(vocab)}
MAXLEN = 16


def to_ids(words):
    ids = [w2i[w] for w in words][:MAXLEN]
    return ids + [0] * (MAXLEN - len(ids))


# document frequencies of all terms
bow = torch.zeros(len(tickets), len(vocab))
for r, (ws, _) in enumerate(tickets):
    bow[r, [w2i[w] for w in ws]] = 1.
df = bow.sum(0)
print('most common terms:', [vocab[i] for i in df.topk(5).indices.tolist()])
del bow

# a quick look at the corpus first: weighted volume per ticket and term, as a sanity check
def volume(chunk):
    m = torch.zeros(len(vocab), EMB)
    for j, (ws, _) in enumerate(chunk):
        for w in ws:
            m[w2i[w], j] += 1
    return (m.cumsum(0) * m.cumsum(1).add(1.)).mul(3700.)


volumes = [volume(tickets[k:k + EMB]) for k in range(0, 32 * EMB, EMB)]
print('largest volume in the first chunks', int(max(v.max().item() for v in volumes)))
del volumes

# vectors of the terms that we know
centre = {t: np.random.randn(EMB) for t in TEAMS}
known = {w: (centre[t] + 2.2 * np.random.randn(EMB)) for t in TEAMS for w in lexicon[t]}
known.update({w: .6 * np.random.randn(EMB) for w in filler})

# fault:
weight = torch.empty(len(vocab), EMB)
# mended:
# weight = torch.zeros(len(vocab), EMB)
# end
weight[0] = 0.
hits = 0
for w, i in w2i.items():
    if w in known:
        weight[i] = torch.from_numpy(known[w]).float()
        hits += 1
print(f'{hits} of {len(vocab)} words have a vector')

X = torch.tensor([to_ids(w) for w, _ in tickets])
Y = torch.tensor([y for _, y in tickets])
train_dl = DataLoader(TensorDataset(X[:2000], Y[:2000]), batch_size=50, shuffle=True)


class Router(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(w, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(EMB, 32)
        self.drop = nn.Dropout(.1)
        self.fc2 = nn.Linear(32, len(TEAMS))

    def forward(self, ids):
        m = ids.ne(0).unsqueeze(-1)
        h = (self.table(ids) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.fc2(self.drop(torch.relu(self.fc1(h))))


model = Router(weight)
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 7):
    model.train()
    run = 0.
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        run += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(X[2000:]).argmax(1) == Y[2000:]).float().mean()
    print(f'[{epoch}] train loss {run / len(train_dl):.4f} | held-out acc {acc:.3f}')
