"""Short-message spam filter: max-pooled word convolution, trainer class, report at the end."""
from dataclasses import dataclass
import random
import torch
from torch import nn


@dataclass
class Cfg:
    seed: int = 7
    emb: int = 16
    ch: int = 24
    lr: float = 4e-3
    epochs: int = 6
    bs: int = 50


cfg = Cfg()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

SPAM = "win prize free cash click urgent claim bonus offer loan winner credit".split()
HAM = "mum dinner home bus lecture sorry later homework tonight pub movie sleep".split()
BOTH = "you your call now we have the to at phone text a me get and in on this week for is".split()


def message():
    spam = random.random() < 0.4
    own, other = (SPAM, HAM) if spam else (HAM, SPAM)
    out = []
    for _ in range(random.randint(6, 16)):
        u = random.random()
        out.append(random.choice(own if u < 0.3 else other if u < 0.36 else BOTH))
    return out, float(spam)


msgs = [message() for _ in range(3600)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(SPAM + HAM + BOTH)))}


def tensors(rows):
    x = torch.zeros(len(rows), 16, dtype=torch.long)
    for i, (words, _) in enumerate(rows):
        x[i, :len(words)] = torch.tensor([vocab[w] for w in words])
    return x, torch.tensor([y for _, y in rows])


Xtr, ytr = tensors(msgs[:3000])
Xte, yte = tensors(msgs[3000:])


class SpamNet(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.Embedding(n_words + 1, cfg.emb, padding_idx=0)
        self.lin = nn.Linear(cfg.emb, cfg.ch)
        self.out = nn.Linear(cfg.ch, 1)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        h = torch.relu(self.lin(self.emb(x))) * keep
        h = h.sum(1) / keep.sum(1)
        # fault:
        return torch.sigmoid(self.out(h)).squeeze(1)
        # mended:
        # return self.out(h).squeeze(1)
        # end


class Trainer:
    def __init__(self, model):
        self.model = model
        self.loss = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)

    def fit(self):
        for ep in range(1, cfg.epochs + 1):
            self.model.train()
            tot = 0.
            for idx in torch.randperm(len(Xtr)).split(cfg.bs):
                self.opt.zero_grad()
                l = self.loss(self.model(Xtr[idx]), ytr[idx])
                l.backward()
                self.opt.step()
                tot += l.item() * len(idx)
            print(f"epoch {ep} loss {tot / len(Xtr):.4f} train acc {self.score(Xtr, ytr)[0]:.3f} test acc {self.score(Xte, yte)[0]:.3f}")

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        p = torch.sigmoid(self.model(x))
        pred = (p > 0.5).float()
        prec = ((pred == 1) & (y == 1)).sum() / pred.sum().clamp(min=1)
        rec = ((pred == 1) & (y == 1)).sum() / y.sum()
        return (pred == y).float().mean().item(), prec.item(), rec.item()


t = Trainer(SpamNet(len(vocab)))
t.fit()
acc, prec, rec = t.score(Xte, yte)
print(f"test accuracy {acc:.3f} precision {prec:.3f} recall {rec:.3f}")
