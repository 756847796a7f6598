"""German noun gender from spelling. Character CNN with a small Trainer class that counts steps, not epochs."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn

random.seed(50)
torch.manual_seed(50)
ONSET = "b bl br d dr f fl g gl gr h k kl kr l m n p pf r s sch schl st str t tr w z".split()
NUCLEUS = "a e i o u ä ö ü au ei eu ie".split()
CODA = ["", "n", "l", "r", "ck", "ch", "ff", "mm", "tz", "rt", "nd", "ss"]
SUFFIX = {"die": ["ung", "heit", "keit", "schaft", "ion", "tät", "ei", "in"], "der": ["ling", "ismus", "or", "er", "ant", "ig"], "das": ["chen", "lein", "tum", "ment", "nis"]}
GENDERS = list(SUFFIX)


def syllable():
    return random.choice(ONSET) + random.choice(NUCLEUS) + random.choice(CODA)


def noun():
    g = random.choices(GENDERS, weights=[40, 35, 25])[0]
    return "".join(syllable() for _ in range(random.choice([1, 1, 2]))) + random.choice(SUFFIX[g]), GENDERS.index(g)


lexicon = {}
while len(lexicon) < 6500:
    w, g = noun()
    lexicon.setdefault(w, g)
entries = list(lexicon.items())
random.shuffle(entries)
chars = {c: i + 1 for i, c in enumerate(sorted({c for w, _ in entries for c in w} | {"^", "$"}))}
WIDTH = max(len(w) for w, _ in entries) + 2


def to_tensor(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        x[i, :len(w) + 2] = torch.tensor([chars[c] for c in "^" + w + "$"])
    return x, torch.tensor([g for _, g in rows])


class CharCNN(nn.Module):
    def __init__(self, dim=16, width=48):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, width, k, padding=k - 1) for k in (2, 3, 4)])
        self.mlp = nn.Sequential(nn.Dropout(0.2), nn.Linear(3 * width, 3))

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        return self.mlp(torch.cat([torch.relu(c(e)).amax(2) for c in self.convs], 1))


@dataclass
class Args:
    # fault:
    max_steps: int = 48
    # mended:
    # max_steps: int = 700
    # end
    batch_size: int = 32
    lr: float = 1e-3
    reports: int = 8


class Trainer:
    def __init__(self, model, args, train, dev):
        self.model, self.args, self.train_data, self.dev = model, args, train, dev
        self.opt = torch.optim.Adam(model.parameters(), lr=args.lr)
        self.loss = nn.CrossEntropyLoss()

    def stream(self):
        x, y = self.train_data
        while True:
            for idx in torch.randperm(len(x)).split(self.args.batch_size):
                yield x[idx], y[idx]

    def evaluate(self):
        self.model.eval()
        x, y = self.dev
        with torch.no_grad():
            out = self.model(x)
        self.model.train()
        return self.loss(out, y).item(), (out.argmax(1) == y).float().mean().item()

    def fit(self):
        self.model.train()
        every = max(1, self.args.max_steps // self.args.reports)
        run, since = 0.0, 0
        for step, (x, y) in enumerate(self.stream(), 1):
            self.opt.zero_grad()
            loss = self.loss(self.model(x), y)
            loss.backward()
            self.opt.step()
            run, since = run + loss.item(), since + 1
            if step % every == 0:
                dl, da = self.evaluate()
                print(f"step {step:5d} train {run / since:.4f} dev {dl:.4f} acc {da:.4f}")
                run, since = 0.0, 0
            if step >= self.args.max_steps:
                break
        return self.evaluate()


train, dev = to_tensor(entries[:5500]), to_tensor(entries[5500:])
trainer = Trainer(CharCNN(), Args(), train, dev)
loss, acc = trainer.fit()
print(f"final: dev loss {loss:.4f}, dev accuracy {acc:.4f} (most frequent gender {dev[1].bincount().max().item() / len(dev[1]):.4f})")
