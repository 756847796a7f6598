"""Hotel reviews, two heads on one encoder: price (mean and variance, Gaussian NLL) and kind of guest (3 classes).
Tasks are weighted by learned log-variances (Kendall et al. 2018), so the sum can go below zero."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(64)
torch.manual_seed(64)

PRICE = {"hostel": -1.2, "shared": -.8, "simple": -.5, "basic": -.6, "clean": 0., "central": .3, "spacious": .5,
         "elegant": .8, "suite": 1.0, "spa": 1.1, "butler": 1.5, "view": .4, "noisy": -.4, "old": -.3, "marble": 1.2}
GUEST = {"family": 0, "kids": 0, "playground": 0, "pool": 0, "meeting": 1, "desk": 1, "conference": 1, "colleague": 1,
         "party": 2, "bar": 2, "friends": 2, "nightlife": 2}
REST = "we stayed two nights the room was and staff friendly breakfast ok would come back again in may".split()


def review():
    kind = random.randrange(3)
    ws, price = [], 0.0
    k = random.randint(2, 4)
    for w in random.sample(sorted(PRICE), k):
        ws.append(w); price += PRICE[w] / k
    for _ in range(random.randint(1, 3)):
        g = kind if random.random() < .92 else random.randrange(3)
        ws.append(random.choice([w for w, c in GUEST.items() if c == g]))
    vague = random.random() < .5                     # vague reviews say "approximately": less certain price
    if vague:
        ws.append("approximately")
    price += random.gauss(0, 0.30 if vague else 0.06)
    ws += random.choices(REST, k=random.randint(4, 9))
    random.shuffle(ws)
    return {"words": ws, "price": price, "kind": kind}


rows = [review() for _ in range(3600)]
dev, train = rows[:600], rows[600:]
itos = ["<pad>"] + sorted({w for r in train for w in r["words"]})
stoi = {w: i for i, w in enumerate(itos)}


def make_batch(rs):
    width = max(len(r["words"]) for r in rs)
    ids = torch.tensor([[stoi[w] for w in r["words"]] + [0] * (width - len(r["words"])) for r in rs])
    return {"ids": ids, "price": torch.tensor([r["price"] for r in rs]), "kind": torch.tensor([r["kind"] for r in rs])}


class Encoder(nn.Module):
    """weights for each word are computed from the word, softmax over the real words only"""
    def __init__(self, n, d=20):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.gate = nn.Linear(d, 2)
        self.mu_var = nn.Sequential(nn.Linear(d, 24), nn.Tanh(), nn.Linear(24, 2))
        self.kind = nn.Linear(d, 3)
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        e = self.emb(ids)
        a = self.gate(e).masked_fill((ids == 0).unsqueeze(2), -1e9).softmax(1)
        one, two = (a.transpose(1, 2) @ e).unbind(1)
        mu, raw = self.mu_var(one).unbind(1)
        return mu, F.softplus(raw) + 1e-4, self.kind(two)


net = Encoder(len(itos))
opt = torch.optim.Adam([{"params": [p for n, p in net.named_parameters() if n != "s"]}, {"params": [net.s], "lr": 3e-3}], lr=1e-2)
EPOCHS = 7
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for ep in range(EPOCHS):
    net.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        b = make_batch(train[i:i + 50])
        mu, var, logits = net(b["ids"])
        reg = F.gaussian_nll_loss(mu, b["price"], var)
        cls = F.cross_entropy(logits, b["kind"])
        loss = torch.exp(-net.s[0]) * cls + 0.5 * net.s[0] + reg * torch.exp(-net.s[1]) + 0.5 * net.s[1].square()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        total += loss.item() * len(b["kind"])
    sched.step()
    net.eval()
    with torch.no_grad():
        out = []
        for part in (train[:600], dev):
            b = make_batch(part)
            mu, var, logits = net(b["ids"])
            r2 = 1 - ((mu - b["price"]) ** 2).mean() / b["price"].var()
            out.append("R2 %.3f nll %.3f kind %.3f" % (r2, F.gaussian_nll_loss(mu, b["price"], var), (logits.argmax(1) == b["kind"]).float().mean()))
    print("epoch", ep + 1, "loss %.3f" % (total / len(train)), "| train", out[0], "| dev", out[1])
vague = torch.tensor(["approximately" in r["words"] for r in dev])
print("mean sd vague %.3f, exact %.3f" % (var[vague].sqrt().mean(), var[~vague].sqrt().mean()))
