"""How many stars will a restaurant get?  A restaurant is the bag of phrases of its reviewers; phrases are weighed by cosine attention."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(31)
torch.manual_seed(31)
PHRASES = {f"{a} {b}": 1 + 4 * random.random() for a in
           "soup waiter terrace pizza noise wine dessert price queue bread steak toilet music portion menu".split()
           for b in "great awful okay cold lovely rude slow surprising".split()}
KEYS = list(PHRASES)


class Restaurants(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            bias = random.uniform(1, 5)
            w = [2.718 ** (-abs(PHRASES[k] - bias)) for k in KEYS]
            size = random.choice([2, 3, 4, 5, 6, 8, 10, 12, 20, 40])
            ks = random.choices(range(len(KEYS)), weights=w, k=size)
            stars = sum(PHRASES[KEYS[k]] for k in ks) / size + random.gauss(0, 0.1)
            self.rows.append(([k + 1 for k in ks], stars))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(rows):
    T = max(len(r) for r, _ in rows)
    ids = torch.tensor([r + [0] * (T - len(r)) for r, _ in rows])
    return {"phrases": ids, "stars": torch.tensor([s for _, s in rows])}


class CosineAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query = nn.Parameter(torch.randn(d))
        self.value = nn.Linear(d, d)

    def forward(self, h, real):
        score = torch.cosine_similarity(h, self.query.expand_as(h), dim=-1)
        # fault:
        weight = torch.softmax(score, dim=1)
        # mended:
        # weight = torch.softmax(score.masked_fill(~real, float("-inf")), dim=1)
        # end
        return (weight.unsqueeze(-1) * self.value(h)).sum(1)


class StarModel(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.phrase = nn.Embedding(len(KEYS) + 1, d, padding_idx=0)
        self.att = CosineAttention(d)
        self.head = nn.Linear(d, 1)

    def forward(self, batch):
        ids = batch["phrases"]
        return 3 + self.head(self.att(self.phrase(ids), ids != 0)).squeeze(-1)


class Trainer:
    def __init__(self, model, train, valid):
        self.model, self.train_dl, self.valid_dl = model, train, valid
        self.opt = torch.optim.Adam(model.parameters(), lr=4e-3)
        self.sched = torch.optim.lr_scheduler.StepLR(self.opt, 4, 0.4)
        self.loss = nn.MSELoss()

    def epoch(self):
        self.model.train()
        tot = 0.0
        for batch in self.train_dl:
            loss = self.loss(self.model(batch), batch["stars"])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            tot += loss.item()
        self.sched.step()
        return tot / len(self.train_dl)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        p, s = zip(*[(self.model(b), b["stars"]) for b in self.valid_dl])
        p, s = torch.cat(p), torch.cat(s)
        return (p - s).abs().mean().item(), 1 - (((p - s) ** 2).mean() / s.var()).item()


trainer = Trainer(StarModel(), DataLoader(Restaurants(3000), batch_size=32, shuffle=True, collate_fn=collate),
                  DataLoader(Restaurants(500), batch_size=64, collate_fn=collate))
for e in range(1, 11):
    tl = trainer.epoch()
    mae, r2 = trainer.validate()
    print(f"epoch {e:2d}  train mse {tl:.4f}  valid mae {mae:.3f}  valid R2 {r2:.3f}")
