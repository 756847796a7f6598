"""ULMFiT recipe without fastai: next-word pre-training, then classifier with gradual unfreezing and discriminative rates."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(77)
torch.manual_seed(77)
groups = {c: [f'{c}{i}' for i in range(25)] for c in 'abcd'}
stop = [f's{i}' for i in range(15)]
itos = ['xxpad'] + stop + [w for g in groups.values() for w in g]
stoi = {w: i for i, w in enumerate(itos)}


def doc(n=10):
    y = random.randrange(4)
    return [stoi[random.choice(groups['abcd'[y]]) if random.random() < .6 else random.choice(stop)] for _ in range(n)], y


unlabelled = torch.tensor([doc()[0] for _ in range(1000)])
lab = [doc() for _ in range(900)]
X, Y = torch.tensor([d for d, _ in lab]), torch.tensor([y for _, y in lab])
trn, val = slice(0, 500), slice(500, 900)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(itos), 24)
        self.rnn = nn.GRU(24, 32, batch_first=True)

    def forward(self, x):
        return self.rnn(self.emb(x))[0]


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(96)
        self.fc = nn.Linear(96, 4)

    def forward(self, h):
        return self.fc(self.bn(torch.cat([h[:, -1], h.mean(1), h.amax(1)], 1)))


enc, lm_head = Encoder(), nn.Linear(32, len(itos))
opt = torch.optim.Adam(list(enc.parameters()) + list(lm_head.parameters()), lr=1.5e-2)
for ep in range(6):
    tot = 0.
    for b in torch.randperm(len(unlabelled)).split(50):
        x = unlabelled[b]
        loss = F.cross_entropy(lm_head(enc(x[:, :-1])).flatten(0, 1), x[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f'language model {ep}: {tot / 20:.3f}')

head = Head()
layers = [enc.emb, enc.rnn, head]
opt = torch.optim.AdamW([{'params': l.parameters(), 'lr': 4e-3 / 2.6 ** (2 - i)} for i, l in enumerate(layers)], weight_decay=1e-3)
for ep in range(6):
    for i, l in enumerate(layers):          # the last layer first, one more in each second epoch
        for p in l.parameters():
            p.requires_grad_(i >= 2 - ep // 2)
    head.train(); enc.train()
    tot = 0.
    for b in torch.randperm(500).split(25):
        loss = F.cross_entropy(head(enc(X[trn][b])), Y[trn][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    head.eval(); enc.eval()
    with torch.no_grad():
        out = head(enc(X[val]))
    print(f'epoch {ep}: train {tot / 20:.4f} valid {F.cross_entropy(out, Y[val]).item():.4f} acc {(out.argmax(1) == Y[val]).float().mean():.4f}')
