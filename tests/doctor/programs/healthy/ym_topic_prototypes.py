"""Prototypical networks (Snell et al. 2017) for 5-way 3-shot text classification.
A class is a mixture of three of sixteen themes; the classes of the test episodes do not occur in training."""
import itertools
import random
from dataclasses import dataclass

import torch
from torch import nn, Tensor


@dataclass
class Config:
    themes: int = 16
    words_per_theme: int = 20
    noise_words: int = 80
    length: int = 16
    way: int = 5
    shot: int = 3
    query: int = 8
    dim: int = 24
    episodes: int = 110
    rounds: int = 6
    lr: float = 2e-2
    seed: int = 31


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)
VOCAB = cfg.themes * cfg.words_per_theme + cfg.noise_words


class Corpus:
    """draws documents of a class on demand"""

    def __init__(self, classes):
        self.classes = classes

    def documents(self, cls, n) -> Tensor:
        themes = torch.tensor(cls)[torch.randint(len(cls), (n, cfg.length))]
        topical = themes * cfg.words_per_theme + torch.randint(cfg.words_per_theme, (n, cfg.length))
        noise = cfg.themes * cfg.words_per_theme + torch.randint(cfg.noise_words, (n, cfg.length))
        return torch.where(torch.rand(n, cfg.length) < 0.4, topical, noise)

    def episode(self):
        chosen = random.sample(self.classes, cfg.way)
        docs = torch.stack([self.documents(c, cfg.shot + cfg.query) for c in chosen])
        return docs[:, :cfg.shot], docs[:, cfg.shot:]


class ProtoNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(VOCAB, cfg.dim, mode="mean")
        self.lin = nn.Linear(cfg.dim, cfg.dim)

    def encode(self, docs: Tensor) -> Tensor:
        flat = self.embed(docs.reshape(-1, cfg.length))
        return self.lin(flat).view(*docs.shape[:2], -1)

    def forward(self, support: Tensor, query: Tensor) -> Tensor:
        protos = self.encode(support).mean(dim=1)              # way x dim
        q = self.encode(query).flatten(0, 1)                   # way*query x dim
        return -(q.unsqueeze(1) - protos.unsqueeze(0)).pow(2).sum(-1)


combos = list(itertools.combinations(range(cfg.themes), 3))
random.shuffle(combos)
base, novel = Corpus(combos[:400]), Corpus(combos[400:])
labels = torch.arange(cfg.way).repeat_interleave(cfg.query)
net = ProtoNet()
optimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.4)


def accuracy(corpus, episodes=80):
    net.eval()
    with torch.no_grad():
        hits = [(net(*corpus.episode()).argmax(1) == labels).float().mean().item() for _ in range(episodes)]
    return sum(hits) / len(hits)


print(f"{len(base.classes)} classes to train on, {len(novel.classes)} new ones; untrained {accuracy(novel):.3f} (chance {1 / cfg.way:.2f})")
for r in range(cfg.rounds):
    net.train()
    running = 0.0
    for _ in range(cfg.episodes):
        logits = net(*base.episode())
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    scheduler.step()
    print(f"round {r + 1}: loss {running / cfg.episodes:.4f}  base classes {accuracy(base):.3f}  new classes {accuracy(novel):.3f}")
