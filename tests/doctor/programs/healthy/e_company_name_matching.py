"""Do two strings name the same company? Siamese character CNN with contrastive margin loss (Hadsell 2006).
The distance below which we call it a match is read off the training pairs and then applied to new companies."""
import random
import string
from dataclasses import dataclass

import torch
import torch.nn.functional as F

CHARS = string.ascii_lowercase + " &."


@dataclass
class Config:
    companies: int = 900
    held: int = 200
    dim: int = 32
    margin: float = 1.0
    epochs: int = 4
    batch: int = 64
    lr: float = 3e-3
    length: int = 26


cfg = Config()
R = random.Random(8)
PARTS = ["nor", "tek", "lum", "var", "sol", "mic", "gra", "pel", "dor", "fin", "cas", "ber", "zin", "hal", "rom", "kup", "tri",
         "ost", "win", "jad", "mex", "qua", "lib", "sten", "fol", "yar"]
ENDS = {"limited": ["ltd", "ltd.", "limited"], "incorporated": ["inc", "inc.", ""], "and sons": ["& sons", "and sons"],
        "company": ["co", "co.", "company", ""]}


def name():
    return "".join(R.sample(PARTS, R.randint(2, 3))), R.choice(list(ENDS))


def spell(company):
    s = list(company[0])
    for _ in range(R.choice([0, 0, 1, 1, 2])):
        k, op = R.randrange(len(s) - 1), R.random()
        if op < .35: s[k], s[k + 1] = s[k + 1], s[k]
        elif op < .7: s.insert(k, s[k])
        else: s[k] = R.choice(string.ascii_lowercase)
    return ("".join(s) + " " + R.choice(ENDS[company[1]])).strip()


def lookalike(company):
    """another firm that shares one syllable and the ending"""
    p = [company[0][:3]] + R.sample(PARTS, R.randint(1, 2))
    R.shuffle(p)
    return "".join(p), company[1]


def pairs(companies, per=3):
    out = []
    for c in companies:
        for _ in range(per):
            out.append((spell(c), spell(c), 1))
            other = lookalike(c) if R.random() < .5 else R.choice(companies)
            out.append((spell(c), spell(other), int(other == c)))
    return out


def ids(strings):
    x = torch.zeros(len(strings), cfg.length, dtype=torch.long)
    for r, s in enumerate(strings):
        s = s[:cfg.length]
        x[r, :len(s)] = torch.tensor([CHARS.index(c) + 1 for c in s])
    return x


class Side(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.e = torch.nn.Embedding(len(CHARS) + 1, 16, padding_idx=0)
        self.c2 = torch.nn.Conv1d(16, 32, 2, padding=1)
        self.c3 = torch.nn.Conv1d(16, 32, 3, padding=1)
        self.fc = torch.nn.Linear(64, cfg.dim)

    def forward(self, x):
        e = self.e(x).transpose(1, 2)
        # max over time of relu: at padded places only the bias speaks, same for every string
        h = torch.cat([torch.relu(c(e)).amax(2) for c in (self.c2, self.c3)], 1)
        return F.normalize(self.fc(h), dim=1)


def distance(net, a, b):
    return (net(a) - net(b)).pow(2).sum(1).add(1e-8).sqrt()


def main():
    torch.manual_seed(8)
    firms = list({name()[0]: None for _ in range(cfg.companies + 60)})
    firms = [(f, R.choice(list(ENDS))) for f in firms][:cfg.companies]
    sets = {"train": pairs(firms[cfg.held:]), "held": pairs(firms[:cfg.held])}
    sets = {k: (ids([p[0] for p in v]), ids([p[1] for p in v]), torch.tensor([p[2] for p in v])) for k, v in sets.items()}
    a, b, y = sets["train"]
    net = Side()
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, cfg.epochs * (len(y) // cfg.batch))
    for epoch in range(cfg.epochs):
        order, total = torch.randperm(len(y)), 0.
        for k in range(len(y) // cfg.batch):
            i = order[k * cfg.batch:(k + 1) * cfg.batch]
            d, t = distance(net, a[i], b[i]), y[i].float()
            loss = (t * d ** 2 + (1 - t) * F.relu(cfg.margin - d) ** 2).mean()
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
            total += loss.item()
        print("epoch", epoch, "contrastive loss %.4f" % (total / (len(y) // cfg.batch)))
    with torch.no_grad():
        dist = {k: distance(net, p, q) for k, (p, q, _) in sets.items()}
    cand = torch.linspace(0.1, 1.4, 131)
    acc = ((dist["train"][None] < cand[:, None]) == y.bool()).float().mean(1)
    cut = cand[acc.argmax()].item()
    print("cut at distance %.2f: train accuracy %.3f" % (cut, acc.max()))
    held = ((dist["held"] < cut) == sets["held"][2].bool()).float().mean()
    print("new companies: accuracy %.3f (always 'match': %.3f)" % (held, sets["held"][2].float().mean()))


if __name__ == "__main__":
    main()
