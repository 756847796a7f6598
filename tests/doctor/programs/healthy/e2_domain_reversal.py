# Domain-adversarial training (gradient reversal). Sentiment labels exist for books only; we score on kitchenware.
import random, torch
from torch import nn
from torch.autograd import Function
import torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
POS = "good great excellent superb lovely recommend happy solid brilliant best enjoyed perfect".split()
NEG = "bad poor awful terrible waste boring disappointed broken worst returned useless annoying".split()
BOOK = "plot chapter author novel story character prose ending page reader series writing".split()
KITCHEN = "pan blade lid steel kettle handle oven mixer bowl grill cup motor".split()
BOOKP, BOOKN = "gripping moving witty".split(), "predictable wordy dull".split()
FILL = "the a it was is very i my and for this with of to in but really quite so we bought got have had on".split()


def review(dom):
    y = random.randint(0, 1)
    t = random.choices(FILL, k=random.randint(6, 12)) + random.choices(BOOK if dom == 0 else KITCHEN, k=3)
    t += random.choices(POS if y else NEG, k=2)
    t += [random.choice(NEG if y else POS)] if random.random() < .25 else []
    if dom == 0 and random.random() < .4:
        t += [random.choice(BOOKP if y else BOOKN)]
    random.shuffle(t)
    return t, y


books = [review(0) for _ in range(2500)]
kitchen_unl = [review(1)[0] for _ in range(2500)]
kitchen_dev = [review(1) for _ in range(1000)]
vocab = {"[pad]": 0}
for t in [b[0] for b in books] + kitchen_unl:
    for w in t:
        vocab.setdefault(w, len(vocab))


def enc(ts):
    m = max(map(len, ts))
    return torch.tensor([[vocab[w] for w in t] + [0] * (m - len(t)) for t in ts])


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.feat = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Dropout(.4))
        self.label = nn.Linear(32, 2)
        self.domain = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x, lam=0.0):
        e = self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True)
        h = self.feat(e)
        return self.label(h), self.domain(Reverse.apply(h, lam))


model = DANN()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
EPOCHS, BS = 8, 50
for epoch in range(EPOCHS):
    lam = 0.2 * epoch / (EPOCHS - 1)
    random.shuffle(books); random.shuffle(kitchen_unl)
    model.train()
    ls = ld = da = 0
    for i in range(0, len(books), BS):
        src, tgt = books[i:i + BS], kitchen_unl[i:i + BS]
        y = torch.tensor([r[1] for r in src])
        lab, d_s = model(enc([r[0] for r in src]), lam)
        _, d_t = model(enc(tgt), lam)
        l_y = F.cross_entropy(lab, y)
        dom = torch.cat([d_s, d_t]); dy = torch.cat([torch.zeros(BS), torch.ones(BS)]).long()
        l_d = F.cross_entropy(dom, dy)
        opt.zero_grad()
        (l_y + l_d).backward()
        opt.step()
        ls += l_y.item(); ld += l_d.item(); da += (dom.argmax(1) == dy).float().mean().item()
    model.eval()
    with torch.no_grad():
        p = model(enc([r[0] for r in kitchen_dev]))[0].argmax(1)
        acc = (p == torch.tensor([r[1] for r in kitchen_dev])).float().mean()
    n = len(books) / BS
    print(f"epoch {epoch} lam {lam:.2f} label loss {ls / n:.3f} domain loss {ld / n:.3f} (acc {da / n:.2f}) kitchen acc {acc:.3f}")
