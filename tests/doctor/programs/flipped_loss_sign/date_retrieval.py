# Two-tower retrieval: find the ISO date for a date written out in English, German or Turkish.
import datetime
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık".split(),
}


def written(d):
    lang = random.choice(["en", "de", "tr"])
    m = MONTHS[lang][d.month - 1]
    if lang == "en":
        return random.choice([f"{m} {d.day} {d.year}", f"{d.day} of {m} {d.year}"])
    if lang == "de":
        return random.choice([f"am {d.day} {m} {d.year}", f"den {d.day} {m} {d.year}"])
    return f"{d.day} {m} {d.year}"


start = datetime.date(1990, 1, 1)
days = random.sample(range(365 * 12), 3400)
dates = [start + datetime.timedelta(days=k) for k in days]
pairs = [(written(d).lower().split(), ["Y" + str(d.year), "M%02d" % d.month, "D%02d" % d.day]) for d in dates]
train, dev = pairs[:3000], pairs[3000:]


def vocabulary(side):
    v = {"<unk>": 0}
    for p in train:
        for w in p[side]:
            v.setdefault(w, len(v))
    return v


qv, dv = vocabulary(0), vocabulary(1)


class Tower(nn.Module):
    def __init__(self, vocab, dim=48):
        super().__init__()
        self.vocab = vocab
        self.emb = nn.EmbeddingBag(len(vocab), dim, mode="mean")
        self.ff = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, dim))

    def forward(self, texts):
        ids, offsets = [], []
        for t in texts:
            offsets.append(len(ids))
            ids += [self.vocab.get(w, 0) for w in t]
        return F.normalize(self.ff(self.emb(torch.tensor(ids), torch.tensor(offsets))), dim=-1)


query, doc = Tower(qv), Tower(dv)
params = list(query.parameters()) + list(doc.parameters())
opt = torch.optim.Adam(params, lr=2e-3)
MARGIN = 0.3


def ranking_loss(q, d):
    sim = q @ d.T
    pos = sim.diagonal().unsqueeze(1)
    off = ~torch.eye(len(q), dtype=torch.bool)
    # fault:
    gap = F.relu(MARGIN + pos - sim)
    # mended:
    # gap = F.relu(MARGIN - pos + sim)
    # end
    return gap[off].view(len(q), -1).topk(8, dim=1).values.mean()


@torch.no_grad()
def mrr(rows):
    q, d = query([a for a, _ in rows]), doc([b for _, b in rows])
    sim = q @ d.T
    rank = (sim > sim.diagonal().unsqueeze(1)).sum(1) + 1
    return (1.0 / rank.float()).mean().item(), (rank == 1).float().mean().item()


print("before training: mrr %.3f r@1 %.3f" % mrr(dev))
for epoch in range(14):
    random.shuffle(train)
    total, n = 0.0, 0
    for i in range(0, len(train), 60):
        batch = train[i:i + 60]
        loss = ranking_loss(query([a for a, _ in batch]), doc([b for _, b in batch]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, n = total + loss.item(), n + 1
    m, r1 = mrr(dev)
    print(f"epoch {epoch + 1:2d} loss {total / n:.4f} dev mrr {m:.3f} r@1 {r1:.3f}")
