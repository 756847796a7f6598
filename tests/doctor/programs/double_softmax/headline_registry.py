"""A small training framework: models and losses come from registries, the rest is a Trainer."""
import random
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(12)
torch.manual_seed(12)
MODELS, LOSSES = {}, {"ce": nn.CrossEntropyLoss, "mse": nn.MSELoss}
TOPICS = {"sport": "goal team match coach win".split(), "money": "bank stock price trade tax".split(), "film": "actor scene plot director screen".split()}
FILL = "the a on in was it and this very day new with".split()
VOCAB = {w: i + 1 for i, w in enumerate(sorted(sum(TOPICS.values(), []) + FILL))}


def register(name):
    def wrap(cls):
        MODELS[name] = cls
        return cls
    return wrap


class Headlines(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            k = random.randrange(3)
            words = random.choices(FILL, k=5) + random.choices(list(TOPICS.values())[k], k=2)
            random.shuffle(words)
            self.rows.append((torch.tensor([VOCAB[w] for w in words]), k))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return {"ids": self.rows[i][0], "label": self.rows[i][1]}


@register("bag")
class Bag(nn.Module):
    def __init__(self, vocab, classes, dim=24):
        super().__init__()
        self.table = nn.EmbeddingBag(vocab, dim)
        # fault:
        self.head = nn.Sequential(nn.Linear(dim, classes), nn.Softmax(dim=-1))
        # mended:
        # self.head = nn.Sequential(nn.Linear(dim, classes))
        # end

    def forward(self, ids):
        return {"scores": self.head(self.table(ids))}


@dataclass
class Trainer:
    model: nn.Module
    loss: nn.Module
    lr: float = 0.01
    history: list = field(default_factory=list)

    def __post_init__(self):
        decay = [p for n, p in self.model.named_parameters() if "bias" not in n]
        rest = [p for n, p in self.model.named_parameters() if "bias" in n]
        self.optim = torch.optim.AdamW([{"params": decay, "weight_decay": 1e-4}, {"params": rest, "weight_decay": 0.0}], lr=self.lr)
        self.sched = torch.optim.lr_scheduler.ExponentialLR(self.optim, 0.95)

    def step(self, batch):
        out = self.model(batch["ids"])
        loss = self.loss(out["scores"], batch["label"])
        self.optim.zero_grad(set_to_none=True)
        loss.backward()
        self.optim.step()
        return loss.item()

    def fit(self, train, dev, epochs):
        for epoch in range(epochs):
            self.model.train()
            losses = [self.step(b) for b in train]
            self.sched.step()
            self.history.append((sum(losses) / len(losses), self.score(dev)))
            print(f"epoch {epoch}: loss {self.history[-1][0]:.4f} dev accuracy {self.history[-1][1]:.3f}")

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        hits = [(self.model(b["ids"])["scores"].argmax(-1) == b["label"]).float() for b in loader]
        return torch.cat(hits).mean().item()


trainer = Trainer(MODELS["bag"](len(VOCAB) + 1, 3), LOSSES["ce"]())
trainer.fit(DataLoader(Headlines(1200), 32, shuffle=True), DataLoader(Headlines(300), 100), epochs=8)
