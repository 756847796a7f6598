"""Sum of word weights predicts the score of a quiz answer; vectors come with their weights."""
import random

import torch
from torch import nn

random.seed(229)
torch.manual_seed(229)
POINTS = {w: p for p, w in enumerate("hint guess partial close nearly mostly right exact perfect".split(), start=1)}
OTHER = "the answer is was a and but team".split()
vocab = {w: i + 1 for i, w in enumerate(list(POINTS) + OTHER)}
direction = nn.functional.normalize(torch.randn(10), dim=0)
vectors = torch.randn(len(vocab) + 1, 10) * 0.1
for w, p in POINTS.items():
    vectors[vocab[w]] += direction * p
vectors[0] = 0


def answer():
    marks = random.choices(list(POINTS), k=random.randint(1, 3))
    words = marks + random.choices(OTHER, k=3)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words] + [0] * (6 - len(words))), sum(POINTS[m] for m in marks) / 10


data = [answer() for _ in range(1800)]
x, y = torch.stack([a for a, _ in data]), torch.tensor([s for _, s in data])


class Score(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(vectors, mode="sum", max_norm=2.0, padding_idx=0)
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(vectors, mode="sum", padding_idx=0)
        # end
        self.linear = nn.Linear(10, 1)

    def forward(self, x):
        return self.linear(self.bag(x)).squeeze(1)


model = Score()
opt = torch.optim.SGD(model.linear.parameters(), lr=5e-3, momentum=0.9)
for epoch in range(8):
    for i in torch.randperm(1400).split(35):
        loss = nn.functional.mse_loss(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - ((model(x[1400:]) - y[1400:]) ** 2).mean() / y[1400:].var()
    print(f"epoch {epoch} mse {loss.item():.4f} R2 {r2.item():.4f}")
