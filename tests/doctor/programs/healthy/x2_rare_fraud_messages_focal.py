# 8% of the support messages are phishing. Focal loss, threshold picked on valid, scored on test.
import random
import torch
from torch import nn, sigmoid
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

random.seed(2); torch.manual_seed(2)
FILL = ("hello please thanks order number today yesterday my the your account question about parcel invoice "
        "could would team we need change address phone shop product size colour refund delivery week").split()
LURE = "verify password suspended urgent login confirm locked unusual".split()
LINK = "click link http attachment form download".split()


def message(bad):
    toks = random.choices(FILL, k=random.randint(6, 12))
    if bad:                                   # a lure AND a link
        extra = random.sample(LURE, random.randint(2, 3)) + random.sample(LINK, random.randint(1, 2))
    else:                                     # ordinary mail may have one of the two
        extra = random.choice([[], random.sample(LURE, 1), random.sample(LINK, 1), random.sample(LINK, 2), random.sample(LURE, 2)])
    for w in extra:
        toks.insert(random.randrange(len(toks) + 1), w)
    return toks, float(bad)


def dataset(n):
    return [message(random.random() < 0.08) for _ in range(n)]


train, valid, test = dataset(6000), dataset(2000), dataset(2000)
itos = ["<pad>"] + sorted(set(FILL + LURE + LINK))
stoi = {w: i for i, w in enumerate(itos)}


def to_batch(rows):
    L = max(len(t) for t, _ in rows)
    return (torch.tensor([[stoi[w] for w in t] + [0] * (L - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows]))


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(itos), 8, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        # sum, not mean: what counts is how many tell-tale words there are; pads add zero
        return self.mlp(self.emb(x).sum(1))[:, 0]


def focal(logit, y, gamma=2.0, alpha=0.8):
    bce = nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
    p_true = torch.exp(-bce)
    return ((alpha * y + (1 - alpha) * (1 - y)) * (1 - p_true) ** gamma * bce).mean()


@torch.no_grad()
def score(model, rows):
    model.eval()
    x, y = to_batch(rows)
    return sigmoid(model(x)).numpy(), y.numpy()


model = Scorer()
nn.init.constant_(model.mlp[-1].bias, -1.5)          # prior
opt = torch.optim.Adam(model.parameters(), lr=0.015)
plan = torch.optim.lr_scheduler.MultiStepLR(opt, [6, 7], gamma=0.3)
for epoch in range(8):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 100):
        x, y = to_batch(train[i:i + 100])
        loss = focal(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    plan.step()
    p, y = score(model, valid)
    print(f"epoch {epoch} focal {tot / 60:.5f} valid AP {average_precision_score(y, p):.4f}")

prec, rec, thr = precision_recall_curve(y, p)
best = thr[(2 * prec * rec / (prec + rec + 1e-9))[:-1].argmax()]
for name, rows in (("train", train), ("valid", valid), ("test", test)):
    p, y = score(model, rows)
    print(f"{name:5s} positives {y.mean():.3f} AP {average_precision_score(y, p):.4f} F1 {f1_score(y, p >= best):.4f} at threshold {best:.2f}")
