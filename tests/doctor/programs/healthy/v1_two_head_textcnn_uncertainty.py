"""Multi-task text CNN: polite or not + how urgent (0..1), weighted with learned uncertainties (Kendall et al. 2018).
The weights' log terms push the total below zero once both tasks go well."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(42); torch.manual_seed(42)

polite = 'please kindly thanks grateful appreciate would'.split()
rude = 'now! useless ridiculous nonsense stupid seriously'.split()
urgent = {'asap': .35, 'immediately': .4, 'today': .25, 'soon': .12, 'deadline': .3, 'whenever': -.3, 'eventually': -.25, 'later': -.2}
rest = 'the printer invoice password account login is not working my order number was changed need help with page form'.split()


def ticket():
    y = random.random() < .5
    toks = random.sample(polite if y else rude, random.randint(1, 2))
    ups = random.sample(list(urgent), random.randint(0, 3))
    toks += ups + random.choices(rest, k=random.randint(5, 9))
    random.shuffle(toks)
    u = 1 / (1 + 2.718 ** -(4 * sum(urgent[w] for w in ups))) + random.gauss(0, .02)
    return toks, int(y), u


tickets = [ticket() for _ in range(2000)]
itos = ['<pad>'] + sorted({t for x, _, _ in tickets[:1600] for t in x})
stoi = {t: i for i, t in enumerate(itos)}


def collate(rows):
    L = max(len(r[0]) for r in rows)
    ids = torch.tensor([[stoi[t] for t in r[0]] + [0] * (L - len(r[0])) for r in rows])
    return ids, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class TwoHeads(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.conv = nn.ModuleList([nn.Conv1d(24, 24, k, padding='same') for k in (1, 3)])
        self.polite = nn.Linear(48, 2)
        self.urgency = nn.Linear(48, 1)
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(1)
        e = self.emb(ids).transpose(1, 2)
        feats = [(F.relu(c(e)) * keep).sum(2) / keep.sum(2) for c in self.conv]
        h = torch.cat(feats, 1)
        return self.polite(h), self.urgency(h).squeeze(1)

    def loss(self, out, y, u):
        a = F.cross_entropy(out[0], y)
        b = F.mse_loss(out[1], u)
        total = torch.exp(-self.log_var[0]) * a + self.log_var[0] / 2 + torch.exp(-self.log_var[1]) * b / 2 + self.log_var[1] / 2
        return total, a.item(), b.item()


net = TwoHeads(len(itos))
optim = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 7, eta_min=1e-4)
train = DataLoader(tickets[:1600], 32, shuffle=True, collate_fn=collate)
test = DataLoader(tickets[1600:], 400, collate_fn=collate)
for epoch in range(7):
    net.train(); s = [0, 0, 0]
    for ids, y, u in train:
        optim.zero_grad()
        total, a, b = net.loss(net(ids), y, u)
        total.backward(); optim.step()
        s = [s[0] + total.item(), s[1] + a, s[2] + b]
    sched.step()
    net.eval()
    with torch.no_grad():
        ids, y, u = next(iter(test))
        out = net(ids)
        acc = (out[0].argmax(1) == y).float().mean()
        r2 = 1 - F.mse_loss(out[1], u) / u.var(unbiased=False)
    print(f'{epoch}: total {s[0] / len(train):+.3f} ce {s[1] / len(train):.3f} mse {s[2] / len(train):.4f} | test acc {acc:.3f} R2 {r2:.3f}')
