"""
Self-supervised sentence encoder (VICReg: invariance + variance + covariance), no labels in stage one.
Two views of a text = two random halves of its words. Stage two: the encoder is frozen, a linear probe is fitted.
Texts: simulated forum posts, every post talks about one of eight hobbies plus chatter.
"""
import copy
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rs = np.random.RandomState(31)
torch.manual_seed(31)
HOBBIES, PER, CHAT = 8, 30, 150
VOCAB = HOBBIES * PER + CHAT


def post():
    h = rs.randint(HOBBIES)
    own = h * PER + rs.choice(PER, 10)
    chat = HOBBIES * PER + rs.choice(CHAT, 10)
    w = np.concatenate([own, chat])
    rs.shuffle(w)
    return w, h


posts = [post() for _ in range(2600)]
words = torch.from_numpy(np.stack([w for w, _ in posts]))          # every post has 20 words
hobby = torch.tensor([h for _, h in posts])
unlabelled, probe_set, test_set = slice(0, 1800), slice(1800, 2200), slice(2200, 2600)


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.table = nn.Embedding(VOCAB, dim)
        self.net = nn.Sequential(nn.Linear(dim, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, dim))

    def forward(self, w):
        return self.net(self.table(w).mean(1))


encoder = Encoder()
untrained = copy.deepcopy(encoder)
expander = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64))


def two_views(w):
    order = torch.rand(w.shape).argsort(1)
    w = w.gather(1, order)
    return w[:, :10], w[:, 10:]


def vicreg(a, b):
    inv = F.mse_loss(a, b)
    var = cov = 0.0
    for z in (a, b):
        z = z - z.mean(0)
        var = var + F.relu(1 - torch.sqrt(z.var(0) + 1e-4)).mean() / 2
        c = z.T @ z / (len(z) - 1)
        cov = cov + (c - torch.diag(torch.diagonal(c))).pow(2).sum() / z.size(1)
    return 25 * inv + 25 * var + cov, inv, var


def linear_probe(enc):
    for p in enc.parameters():
        p.requires_grad_(False)
    enc.eval()
    with torch.no_grad():
        ztr, zte = enc(words[probe_set]), enc(words[test_set])
    m, s = ztr.mean(0), ztr.std(0) + 1e-6
    ztr, zte = (ztr - m) / s, (zte - m) / s
    head = nn.Linear(32, HOBBIES)
    o = torch.optim.AdamW(head.parameters(), lr=0.03, weight_decay=0.1)
    for _ in range(80):
        o.zero_grad()
        F.cross_entropy(head(ztr), hobby[probe_set]).backward()
        o.step()
    with torch.no_grad():
        return [(head(z).argmax(1) == hobby[k]).float().mean().item() for z, k in ((ztr, probe_set), (zte, test_set))]


params = [*encoder.parameters(), *expander.parameters()]
EPOCHS, BATCH = 8, 120
opt = torch.optim.AdamW(params, lr=1e-2, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * (1800 // BATCH))
for epoch in range(EPOCHS):
    encoder.train()
    log = []
    for idx in torch.randperm(1800).split(BATCH):
        v1, v2 = two_views(words[unlabelled][idx])
        loss, inv, var = vicreg(expander(encoder(v1)), expander(encoder(v2)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        log.append((loss.item(), inv.item(), var.item()))
    print("epoch %d  vicreg %.3f  invariance %.4f  variance %.4f" % (epoch + 1, *np.mean(log, 0)))

print("linear probe, untrained encoder: train %.3f test %.3f" % tuple(linear_probe(untrained)))
print("linear probe, VICReg encoder:    train %.3f test %.3f" % tuple(linear_probe(encoder)))
