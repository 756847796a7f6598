"""Tag the parts of shipping addresses (street, number, city, zip ...) with a windowed tagger."""
import random
from dataclasses import dataclass, field

import torch
from torch import nn

random.seed(5)
torch.manual_seed(5)

TAGS = ["NAME", "STREET", "NUM", "CITY", "ZIP", "COUNTRY", "O"]


def syllables(n, rng):
    return "".join(rng.choice("bdfgklmnprstv") + rng.choice("aeiou") for _ in range(n))


@dataclass
class TaggerConfig:
    dim: int = 6
    hidden: int = 48
    lr: float = 1e-2
    weight_decay: float = 0.01
    epochs: int = 8
    batch: int = 32
    n_train: int = 1600
    n_dev: int = 400


@dataclass
class Gazetteer:
    rng: random.Random = field(default_factory=lambda: random.Random(21))

    def __post_init__(self):
        used = set()

        def pool(n):
            out = []
            while len(out) < n:
                w = syllables(self.rng.choice([2, 3]), self.rng)
                if w not in used:
                    used.add(w)
                    out.append(w)
            return out
        self.first, self.last, self.street = pool(70), pool(70), pool(110)
        self.city, self.country, self.filler = pool(110), pool(30), pool(40)

    def address(self):
        r = self.rng
        parts = [[(r.choice(self.first), "NAME"), (r.choice(self.last), "NAME")],
                 [(r.choice(self.street), "STREET"), (f"n{r.randint(1, 60)}", "NUM")],
                 [(r.choice(self.city), "CITY")],
                 [(f"z{r.randint(1, 80)}", "ZIP")],
                 [(r.choice(self.country), "COUNTRY")]]
        if r.random() < 0.5:
            parts[1].reverse()
        if r.random() < 0.4:
            parts[3], parts[2] = parts[2], parts[3]
        for _ in range(r.randint(0, 3)):
            parts.insert(r.randint(0, len(parts)), [(r.choice(self.filler), "O")])
        r.shuffle(parts)
        flat = [p for group in parts for p in group]
        return [w for w, _ in flat], [t for _, t in flat]


class WindowTagger(nn.Module):
    def __init__(self, n_words, n_tags, cfg):
        super().__init__()
        self.embed = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.window = nn.Conv1d(cfg.dim, cfg.hidden, 3, padding=1)
        self.norm = nn.LayerNorm(cfg.hidden)
        self.proj = nn.Linear(cfg.hidden, n_tags)

    def forward(self, x):
        h = self.window(self.embed(x).transpose(1, 2)).transpose(1, 2)
        return self.proj(torch.relu(self.norm(h)))


def param_groups(model, cfg):
    decay, plain = [], []
    for name, p in model.named_parameters():
        if name.endswith("bias") or name.startswith("norm"):
            plain.append(p)
        # fault:
        elif not name.startswith("embed"):
            decay.append(p)
        # mended:
        #elif name.startswith("embed"):
        #    plain.append(p)
        #else:
        #    decay.append(p)
        # end
    return [{"params": decay, "weight_decay": cfg.weight_decay}, {"params": plain, "weight_decay": 0.0}]


def pad(seqs, value):
    width = max(map(len, seqs))
    return torch.tensor([s + [value] * (width - len(s)) for s in seqs])


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.loss = nn.CrossEntropyLoss(ignore_index=-100)
        self.optimizer = torch.optim.AdamW(param_groups(model, cfg), lr=cfg.lr)

    def epoch(self, data):
        self.model.train()
        random.shuffle(data)
        total, n = 0.0, 0
        for i in range(0, len(data), self.cfg.batch):
            rows = data[i:i + self.cfg.batch]
            x, y = pad([a for a, _ in rows], 0), pad([b for _, b in rows], -100)
            loss = self.loss(self.model(x).flatten(0, 1), y.flatten())
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total, n = total + loss.item(), n + 1
        return total / n

    @torch.no_grad()
    def score(self, data):
        self.model.eval()
        x, y = pad([a for a, _ in data], 0), pad([b for _, b in data], -100)
        real = y != -100
        return (self.model(x).argmax(-1)[real] == y[real]).float().mean().item()


cfg = TaggerConfig()
gaz = Gazetteer()
rows = [gaz.address() for _ in range(cfg.n_train + cfg.n_dev)]
assert len({" ".join(w) for w, _ in rows}) == len(rows)
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in rows[:cfg.n_train]:
    for w in words:
        vocab.setdefault(w, len(vocab))
data = [([vocab.get(w, 1) for w in ws], [TAGS.index(t) for t in ts]) for ws, ts in rows]
train, dev = data[:cfg.n_train], data[cfg.n_train:]

model = WindowTagger(len(vocab), len(TAGS), cfg)
trainer = Trainer(model, cfg)
print(f"{len(vocab)} words, {sum(p.numel() for p in model.parameters())} parameters")
for e in range(cfg.epochs):
    loss = trainer.epoch(train)
    print(f"epoch {e + 1}: loss {loss:.4f}  dev token accuracy {trainer.score(dev):.4f}")
