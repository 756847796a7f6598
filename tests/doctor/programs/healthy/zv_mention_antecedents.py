# Coreference for tiny stories: each pronoun/noun mention picks one earlier mention or "new entity".
# Loss: minus log of the summed probability of all right antecedents (logsumexp over gold), documents one by one.
import numpy as np, torch
import torch.nn as nn

np.random.seed(77); torch.manual_seed(77)
FEM = ['mary', 'susan', 'lucy', 'helen', 'the queen', 'her aunt', 'rosa', 'nora']
MASC = ['john', 'peter', 'mark', 'the king', 'his uncle', 'omar', 'felix', 'ivan']
THING = ['the car', 'the lamp', 'a letter', 'the old house', 'a ship', 'the ring', 'a drum', 'the clock']
FORMS = [(FEM, ['she', 'her']), (MASC, ['he', 'him']), (THING, ['it', 'itself'])]
VOC = {}


def wid(phrase):
    return [VOC.setdefault(w, len(VOC)) for w in phrase.split()]


def story():
    kinds = np.random.permutation(3)[:np.random.randint(2, 4)]
    cast = [(k, np.random.choice(FORMS[k][0])) for k in kinds]
    mentions, ent = [], []
    for step in range(np.random.randint(5, 10)):
        e = np.random.randint(len(cast))
        k, name = cast[e]
        if e in ent and np.random.rand() < .6:
            text = np.random.choice(FORMS[k][1])
        else:
            text = name
        mentions.append(wid(text)); ent.append(e)
    return mentions, ent


docs = [story() for _ in range(420)]
train, test = docs[:320], docs[320:]


class Ranker(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.e = nn.EmbeddingBag(len(VOC), d, mode='sum')
        self.dist = nn.Embedding(10, 6)
        self.ff = nn.Sequential(nn.Linear(3 * d + 6, 32), nn.ReLU(), nn.Dropout(.1), nn.Linear(32, 1))

    def forward(self, mentions):
        flat = torch.tensor([w for m in mentions for w in m])
        off = torch.tensor([0] + [len(m) for m in mentions]).cumsum(0)[:-1]
        v = self.e(flat, off)
        i, j = torch.tril_indices(len(v), len(v), -1)              # pairs (mention, earlier mention)
        s = self.ff(torch.cat([v[i], v[j], v[i] * v[j], self.dist(i - j)], 1)).squeeze(1)
        grid = torch.full((len(v), len(v)), -1e30)
        grid = grid.index_put((i, j), s)
        return torch.cat([torch.zeros(len(v), 1), grid], 1)        # column 0: new entity, score fixed at zero


def gold_mask(ent):
    e = np.array(ent)
    same = np.tril(e[:, None] == e[None, :], -1)
    return torch.from_numpy(np.concatenate([~same.any(1, keepdims=True), same], 1))


def accuracy(ds):
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for m, ent in ds:
            pick = model(m).argmax(1, keepdim=True)
            ok += gold_mask(ent).gather(1, pick).sum().item(); n += len(m)
    return ok / n


model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
print('before: %.3f' % accuracy(test))
for epoch in range(3):
    model.train()
    total, count, acc = 0., 0, 0
    for k, d in enumerate(np.random.permutation(len(train))):
        mentions, ent = train[d]
        sc = model(mentions)
        gold = sc.masked_fill(~gold_mask(ent), -1e30)
        loss = (sc.logsumexp(1) - gold.logsumexp(1)).sum()
        (loss / 30).backward()                                     # gradients of five documents are added up
        total += loss.item(); count += len(mentions)
        if k % 5 == 4:
            opt.step(); opt.zero_grad()
    for gr in opt.param_groups:
        gr['lr'] *= .55
    print('epoch %d  marginal nll %.4f  train %.3f  test %.3f' % (epoch, total / count, accuracy(train[:120]), accuracy(test)))
