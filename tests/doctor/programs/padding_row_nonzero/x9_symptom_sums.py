# Patients list symptoms (up to 60 of them), we guess the ward.
# Symptom vectors come from a factorisation of the co-mention matrix of old charts, kept fixed.
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

np.random.seed(8)
torch.manual_seed(8)
N_SYMPTOMS, N_WARDS, DIM, MAXLEN = 180, 6, 16, 60
PAD = 0                                     # symptoms are numbered from 1

affinity = np.random.dirichlet(np.full(N_SYMPTOMS, .35), size=N_WARDS)
affinity = .75 * affinity + .25 / N_SYMPTOMS


def chart(ward):
    n = int(np.clip(np.random.geometric(.1) + 1, 3, MAXLEN))
    return 1 + np.random.choice(N_SYMPTOMS, n, p=affinity[ward])


# old charts, without wards
co = np.ones((N_SYMPTOMS + 1, N_SYMPTOMS + 1)) * .1
for _ in range(2500):
    c = chart(np.random.randint(N_WARDS))
    co[np.ix_(c, c)] += 1
pmi = np.log(co * co.sum() / np.outer(co.sum(0), co.sum(1)))
pmi = np.maximum(pmi, 0)
u, s, _ = np.linalg.svd(pmi)
vectors = (u[:, :DIM] * np.sqrt(s[:DIM])).astype('float32')
# fault:
# mended:
# vectors[PAD] = 0.
# end


def build(n):
    ids = np.full((n, MAXLEN), PAD)
    ward = np.random.randint(N_WARDS, size=n)
    for i, w in enumerate(ward):
        c = chart(w)
        ids[i, :len(c)] = c
    return torch.from_numpy(ids), torch.from_numpy(ward)


train, test = build(1800), build(600)


class Triage(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True)
        self.mlp = nn.Sequential(nn.Linear(DIM, 48), nn.ReLU(), nn.Linear(48, N_WARDS))

    def forward(self, ids):
        n = (ids != PAD).sum(1, keepdim=True)
        return self.mlp(self.table(ids).sum(1) / n)      # mean over the symptoms


clf = Triage(vectors)
optim = torch.optim.Adam(clf.mlp.parameters(), lr=5e-3)
crit = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(data):
    return (clf(data[0]).argmax(1) == data[1]).float().mean().item()


for epoch in range(5):
    s = 0.
    for ids, ward in DataLoader(TensorDataset(*train), batch_size=60, shuffle=True):
        loss = crit(clf(ids), ward)
        optim.zero_grad()
        loss.backward()
        optim.step()
        s += loss.item()
    print('epoch', epoch, 'loss %.3f' % (s / 30), 'train acc %.3f' % accuracy(train), 'test acc %.3f' % accuracy(test))
