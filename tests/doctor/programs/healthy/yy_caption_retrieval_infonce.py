"""Cross-lingual caption retrieval, English <-> German, two bags of words and one symmetric InfoNCE loss."""
import collections, gzip, math, os, re
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
N_TRAIN, DIM, BATCH, EPOCHS = 10000, 48, 200, 4


def lines(name, n):
    with gzip.open(base + name, "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]


class Side(nn.Module):
    """vocabulary + averaged word vectors + projection onto the sphere"""

    def __init__(self, sents):
        super().__init__()
        c = collections.Counter(w for s in sents for w in s)
        self.itos = ["<unk>"] + [w for w, k in c.most_common() if k >= 5]
        self.stoi = {w: i for i, w in enumerate(self.itos)}
        freq = torch.tensor([max(c[w], 5) for w in self.itos], dtype=torch.float) / sum(c.values())
        self.register_buffer("sif", 1e-3 / (1e-3 + freq))        # frequent words count less
        self.bag = nn.EmbeddingBag(len(self.itos), DIM, mode="sum")
        nn.init.normal_(self.bag.weight, std=DIM ** -0.5)

    def forward(self, sents):
        flat, offs = [], []
        for s in sents:
            offs.append(len(flat))
            flat += [self.stoi.get(w, 0) for w in s] or [0]
        flat = torch.tensor(flat)
        w = self.sif[flat]
        if self.training:
            w = w * (torch.rand_like(w) > 0.2)                   # word dropout
        return F.normalize(self.bag(flat, torch.tensor(offs), per_sample_weights=w), dim=1, eps=1e-4)


en, de = lines("train.en.gz", N_TRAIN), lines("train.de.gz", N_TRAIN)
ven, vde = lines("val.en.gz", 500), lines("val.de.gz", 500)
left, right = Side(en), Side(de)
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([{"params": [*left.parameters(), *right.parameters()], "lr": 8e-3},
                        {"params": [log_scale], "lr": 1e-3}])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * N_TRAIN // BATCH)


@torch.no_grad()
def recall(a, b, k=(1, 5, 10)):
    left.eval(); right.eval()
    sim = left(a) @ right(b).T
    rank = (sim > sim.diagonal()[:, None]).sum(1)
    left.train(); right.train()
    return " ".join(f"R@{i} {(rank < i).float().mean():.3f}" for i in k)


print("before:", recall(ven, vde), "| vocab", len(left.itos), len(right.itos))
for epoch in range(EPOCHS):
    total = 0.0
    for idx in torch.randperm(N_TRAIN).split(BATCH):
        z = log_scale.exp() * left([en[i] for i in idx]) @ right([de[i] for i in idx]).T
        gold = torch.arange(len(idx))
        loss = (F.cross_entropy(z, gold) + F.cross_entropy(z.T, gold)) / 2
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step(); sched.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch}: loss {total / N_TRAIN:.3f} scale {log_scale.exp():.1f} | val {recall(ven, vde)}")
print("train sample:", recall(en[:500], de[:500]))
