"""Valence, arousal and dominance of headlines, each between -1 and 1."""
import random

import torch
from torch import nn

random.seed(209)
torch.manual_seed(209)
AFFECT = {"joyful": (0.8, 0.5, 0.3), "riot": (-0.7, 0.9, 0.2), "funeral": (-0.8, -0.4, -0.5), "nap": (0.3, -0.9, -0.1), "victory": (0.9, 0.7, 0.8), "prison": (-0.6, 0.1, -0.9), "calm": (0.5, -0.8, 0.3), "attack": (-0.9, 0.8, 0.1), "gift": (0.7, 0.2, 0.1), "order": (-0.1, 0.1, 0.7)}
PLAIN = "the in city after minister for says new of on two".split()
vocab = {w: i + 1 for i, w in enumerate(list(AFFECT) + PLAIN)}


def headline():
    cues = random.sample(list(AFFECT), random.randint(1, 2))
    words = cues + random.choices(PLAIN, k=random.randint(3, 6))
    random.shuffle(words)
    target = torch.tensor([AFFECT[c] for c in cues]).mean(0)
    return torch.tensor([vocab[w] for w in words]), target


def make(n):
    rows = [headline() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([x for x, _ in rows], batch_first=True), torch.stack([t for _, t in rows])


class Affect(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.weigh = nn.Linear(24, 1)
        self.vad = nn.Linear(24, 3)

    def forward(self, x):
        e = self.table(x)
        w = self.weigh(e).masked_fill((x == 0).unsqueeze(-1), -1e9).softmax(1)
        return self.vad((w * e).sum(1))


x, t = make(1500)
xd, td = make(300)
model = Affect()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.SmoothL1Loss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    for i in torch.randperm(1500).split(30):
        loss = criterion(model(x[i]), t[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        error = (model(xd) - td).abs().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev mean error {error:.4f}")
