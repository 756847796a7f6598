"""Several tags for a recipe; the binary loss is written with softplus so that it cannot overflow."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(4)
torch.manual_seed(4)
TAGS = {"vegan": ["tofu", "lentil", "kale"], "sweet": ["sugar", "honey", "cocoa"], "quick": ["minute", "instant", "toast"], "spicy": ["chili", "pepper", "curry"]}
FILL = "salt water oil onion bowl pan stir cook serve cut add mix plate heat cover".split()
vocab = {w: i for i, w in enumerate(sum(TAGS.values(), []) + FILL)}


def recipe():
    y = [random.random() < 0.35 for _ in TAGS]
    words = random.choices(FILL, k=8)
    for on, ws in zip(y, TAGS.values()):
        if on:
            words.append(random.choice(ws))
    words = (words + random.choices(FILL, k=12))[:12]
    return [vocab[w] for w in words], [float(v) for v in y]


data = [recipe() for _ in range(2000)]
X, Y = torch.tensor([d[0] for d in data]), torch.tensor([d[1] for d in data])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24)
        self.fc = nn.Linear(24, len(TAGS))

    def forward(self, x):
        z = self.fc(self.emb(x).sum(1))
        # fault:
        return torch.sigmoid(z)
        # mended:
        # return z
        # end


def binary_loss(z, y):
    return (F.softplus(z) - y * z).mean()


model = Tagger()
opt = torch.optim.RMSprop(model.parameters(), lr=3e-3)
for epoch in range(8):
    for i in torch.randperm(1600).split(25):
        opt.zero_grad()
        loss = binary_loss(model(X[i]), Y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = model(X[1600:])
        # fault:
        guess = out > 0.5
        # mended:
        # guess = out > 0
        # end
        print(epoch, loss.item(), "exact", (guess == Y[1600:].bool()).all(1).float().mean().item())
