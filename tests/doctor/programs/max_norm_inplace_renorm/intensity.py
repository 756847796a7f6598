"""How strong is the praise? The length of the word vectors tells intensity."""
import random

import torch
from torch import nn

random.seed(52)
torch.manual_seed(52)
SCALE = {"okay": 1, "decent": 2, "nice": 3, "good": 4, "great": 6, "superb": 8, "stunning": 9, "divine": 10}
NOUNS = "hotel breakfast view room pool garden lobby bed".split()
REST = "the was and we found it our really stay had a".split()
vocab = {w: i for i, w in enumerate(["<pad>"] + NOUNS + REST + list(SCALE))}
axis = nn.functional.normalize(torch.randn(20), dim=0)
weights = torch.randn(len(vocab), 20) * 0.2
for w, s in SCALE.items():
    weights[vocab[w]] = axis * s + 0.1 * torch.randn(20)
weights[0] = 0


def review():
    words = random.sample(list(SCALE), 2)
    text = ["the", random.choice(NOUNS), "was", words[0], "and"] + random.choices(REST, k=random.randint(0, 4)) + [words[1]]
    return torch.tensor([vocab[w] for w in text]), (SCALE[words[0]] + SCALE[words[1]]) / 10 + random.gauss(0, 0.05)


class Intensity(nn.Module):
    def __init__(self, weights):
        super().__init__()
        # fault:
        self.lookup = nn.Embedding(len(weights), 20, padding_idx=0, max_norm=1.0)
        # mended:
        # self.lookup = nn.Embedding(len(weights), 20, padding_idx=0)
        # end
        self.lookup.weight.data.copy_(weights)
        self.lookup.weight.requires_grad = False
        self.regress = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, ids):
        return self.regress(self.lookup(ids).sum(1)).squeeze(1)


rows = [review() for _ in range(1600)]
x = nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True)
y = torch.tensor([s for _, s in rows])
model = Intensity(weights)
opt = torch.optim.Adam(model.regress.parameters(), lr=1e-3)
for epoch in range(10):
    for i in torch.randperm(1200).split(40):
        loss = nn.functional.mse_loss(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 2:
        print(f"epoch {epoch + 1} mse {loss.item():.4f}")
with torch.no_grad():
    p = model(x[1200:])
    r2 = 1 - ((p - y[1200:]) ** 2).mean() / y[1200:].var()
print("dev R2", round(r2.item(), 4))
