"""Order matters: 'move the X before the Y' vs 'after', who comes first?  Tiny transformer, left padding,
learned positions counted from the END of the text, so that padding does not shift them."""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn

THINGS = "lamp chair parcel crate pallet drum barrel trolley basket box bottle ladder".split()
FILL = "please kindly now today then quickly and carefully".split()


@dataclass
class Cfg:
    d: int = 24
    heads: int = 2
    max_len: int = 16
    lr: float = 6e-3
    epochs: int = 5
    n_train: int = 2400
    n_dev: int = 600


def make(rng):
    a, b = rng.sample(THINGS, 2)
    rel = rng.choice(["before", "after"])
    words = ["move", "the", a, rel, "the", b]
    for _ in range(rng.randrange(5)):
        words.insert(rng.choice([0, len(words)]), rng.choice(FILL))
    first = a if rel == "before" else b
    return words, THINGS.index(first)


class Tiny(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.tok = nn.Embedding(n_words, cfg.d, padding_idx=0)
        self.pos = nn.Embedding(cfg.max_len, cfg.d)
        nn.init.normal_(self.tok.weight, std=0.3)
        nn.init.normal_(self.pos.weight, std=0.3)
        with torch.no_grad():
            self.tok.weight[0].zero_()
        layer = lambda: nn.TransformerEncoderLayer(cfg.d, cfg.heads, 4 * cfg.d, dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.ModuleList([layer(), layer()])
        self.norm = nn.LayerNorm(cfg.d)
        self.out = nn.Linear(cfg.d, len(THINGS))

    def forward(self, ids):
        hidden = ids == 0                                        # True = not to be attended to
        from_end = torch.arange(ids.size(1) - 1, -1, -1)
        h = self.tok(ids) + self.pos(from_end)
        for layer in self.layers:
            h = layer(h, src_key_padding_mask=hidden)
        keep = (~hidden).unsqueeze(-1)
        return self.out(self.norm((h * keep).sum(1) / keep.sum(1)))


def main():
    cfg = Cfg()
    rng = random.Random(40)
    torch.manual_seed(40)
    uniq = {}
    while len(uniq) < cfg.n_train + cfg.n_dev:
        w, y = make(rng)
        uniq[" ".join(w)] = (w, y)
    rows = list(uniq.values())
    rng.shuffle(rows)
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for r, _ in rows[:cfg.n_train] for w in r}))}

    def batch(part):
        n = max(len(w) for w, _ in part)
        x = [[0] * (n - len(w)) + [vocab[t] for t in w] for w, _ in part]
        return torch.tensor(x), torch.tensor([y for _, y in part])

    train, dev = rows[:cfg.n_train], rows[cfg.n_train:]
    model = Tiny(len(vocab) + 1, cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr, betas=(0.9, 0.98))
    n_steps = cfg.epochs * math.ceil(len(train) / 32)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, cfg.lr, total_steps=n_steps, pct_start=0.2, cycle_momentum=False)

    def acc(part):
        model.eval()
        with torch.no_grad():
            x, y = batch(part)
            return (model(x).argmax(-1) == y).float().mean().item()

    for ep in range(cfg.epochs):
        model.train()
        rng.shuffle(train)
        s = 0.0
        for i in range(0, len(train), 32):
            x, y = batch(train[i:i + 32])
            loss = nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            s += loss.item() * len(y)
        print(f"[{ep}] loss {s / len(train):.4f} train {acc(train[:600]):.4f} dev {acc(dev):.4f}")


if __name__ == "__main__":
    main()
