"""A Trainer class; `model.eval` is mentioned before the dev set is scored."""
import random

import torch
from torch import nn

random.seed(75)
torch.manual_seed(75)
K, V = 5, 80


def row():
    k = random.randrange(K)
    return [random.randrange(k * 8, k * 8 + 8) for _ in range(2)] + [random.randrange(40, V) for _ in range(6)], k


rows = [row() for _ in range(2000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(V, 32)
        self.drop = nn.Dropout(0.6)
        self.out = nn.Linear(32, K)

    def forward(self, x):
        return self.out(self.drop(self.emb(x)))


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        self.crit = nn.CrossEntropyLoss()

    def epoch(self, x, y):
        self.model.train()
        for i in torch.randperm(len(x)).split(32):
            loss = self.crit(self.model(x[i]), y[i])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
        return loss.item()

    @torch.inference_mode()
    def evaluate(self, x, y):
        # fault:
        self.model.eval
        # mended:
        # self.model.eval()
        # end
        return (self.model(x).argmax(1) == y).float().mean().item()


trainer = Trainer(Net(), 5e-3)
for e in range(6):
    loss = trainer.epoch(X[:1600], Y[:1600])
    print(e, loss, trainer.evaluate(X[1600:], Y[1600:]))
