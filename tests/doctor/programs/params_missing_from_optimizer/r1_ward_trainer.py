# Which ward does a medication list come from? A small trainer class with separate groups for decay / no decay.
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    dim: int = 12
    hidden: int = 32
    lr: float = 5e-3
    weight_decay: float = 1e-4
    batch: int = 32
    epochs: int = 6
    seed: int = 11


WARDS = ["cardiology", "oncology", "neurology", "paediatrics", "surgery", "geriatrics", "psychiatry", "urology"]
SYLL = ["va", "li", "pro", "met", "zo", "ran", "ti", "dex", "cor", "fen", "ami", "lor", "sta", "qui"]


def make_drugs(rng, n):
    names = set()
    while len(names) < n:
        names.add("".join(rng.choice(SYLL) for _ in range(3)))
    return sorted(names)


def make_lists(rng, n):
    drugs = make_drugs(rng, 480)
    rng.shuffle(drugs)
    per = 40
    own = {w: drugs[i * per:(i + 1) * per] for i, w in enumerate(WARDS)}
    common = drugs[len(WARDS) * per:]
    rows, seen = [], set()
    while len(rows) < n:
        w = rng.randrange(len(WARDS))
        meds = [rng.choice(own[WARDS[w]]) if rng.random() < 0.42 else rng.choice(common if rng.random() < 0.75 else drugs)
                for _ in range(10)]
        if tuple(meds) not in seen:
            seen.add(tuple(meds))
            rows.append((meds, w))
    return drugs, rows


class MedList(nn.Module):
    def __init__(self, n_drugs, cfg):
        super().__init__()
        self.emb = nn.Embedding(n_drugs, cfg.dim)
        self.norm = nn.LayerNorm(cfg.dim)
        self.fc = nn.Linear(cfg.dim, cfg.hidden)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(cfg.hidden, len(WARDS))

    def forward(self, x):
        h = self.norm(self.emb(x).mean(1))
        return self.out(self.drop(torch.relu(self.fc(h))))


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.loss_fn = nn.CrossEntropyLoss()
        self.opt = self.build_optimizer()

    def build_optimizer(self):
        skip = ("emb", "norm", "bias")
        decay = [p for n, p in self.model.named_parameters() if not any(s in n for s in skip)]
        # fault:
        no_decay = [p for n, p in self.model.named_parameters() if "norm" in n or "bias" in n]
        # mended:
        #no_decay = [p for n, p in self.model.named_parameters() if any(s in n for s in skip)]
        # end
        return torch.optim.AdamW(
            [{"params": decay, "weight_decay": self.cfg.weight_decay}, {"params": no_decay, "weight_decay": 0.0}],
            lr=self.cfg.lr)

    def fit(self, train, dev):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            for x, y in train:
                self.opt.zero_grad()
                loss = self.loss_fn(self.model(x), y)
                loss.backward()
                self.opt.step()
            tl, ta = self.evaluate(train)
            dl, da = self.evaluate(dev)
            print(f"[{epoch + 1}] train loss {tl:.3f} acc {ta:.3f} | dev loss {dl:.3f} acc {da:.3f}")
        return da

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        loss = hit = n = 0
        for x, y in loader:
            z = self.model(x)
            loss += self.loss_fn(z, y).item() * len(y)
            hit += (z.argmax(1) == y).sum().item()
            n += len(y)
        return loss / n, hit / n


def main():
    cfg = Config()
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    drugs, rows = make_lists(rng, 5000)
    index = {d: i for i, d in enumerate(drugs)}
    x = torch.tensor([[index[m] for m in meds] for meds, _ in rows])
    y = torch.tensor([w for _, w in rows])
    train = DataLoader(TensorDataset(x[:4200], y[:4200]), batch_size=cfg.batch, shuffle=True)
    dev = DataLoader(TensorDataset(x[4200:], y[4200:]), batch_size=256)
    model = MedList(len(drugs), cfg)
    score = Trainer(model, cfg).fit(train, dev)
    print(f"dev accuracy {score:.3f}")


if __name__ == "__main__":
    main()
