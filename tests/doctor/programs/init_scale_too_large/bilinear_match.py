"""Does the answer fit the question? Bilinear score q' W a, questions and answers as means of word vectors."""
import random

import torch
from torch import nn

random.seed(29)
torch.manual_seed(29)
THEMES, VOCAB, D = 8, 160, 32
theme = [random.randrange(THEMES + 4) for _ in range(VOCAB)]
by_theme = [[w for w in range(VOCAB) if theme[w] == t] for t in range(THEMES)]
loose = [w for w in range(VOCAB) if theme[w] >= THEMES]


def text(t, n):
    return random.choices(by_theme[t], k=2) + random.choices(loose, k=n)


def pair():
    t, fits = random.randrange(THEMES), random.random() < 0.5
    # a question on theme t wants an answer on theme t + 1
    s = (t + 1) % THEMES if fits else random.choice([k for k in range(THEMES) if k != (t + 1) % THEMES])
    return text(t, 2), text(s, 3), float(fits)


class Match(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCAB, D)
        nn.init.normal_(self.words.weight, std=0.4)
        # fault:
        self.W = nn.Parameter(torch.randn(D, D))
        # mended:
        # self.W = nn.Parameter(torch.randn(D, D) / D)
        # end
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, q, a):
        q, a = self.words(q).sum(1), self.words(a).sum(1)
        return (q @ self.W * a).sum(1) + self.b


rows = [pair() for _ in range(6400)]
Q, A, Y = (torch.tensor(c) for c in zip(*rows))
model = Match()
opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-5)
for epoch in range(8):
    tot = 0.0
    for i in (torch.randperm(6000) + 400).split(50):
        loss = nn.functional.binary_cross_entropy_with_logits(model(Q[i], A[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 120
    with torch.no_grad():
        ok = ((model(Q[:400], A[:400]) > 0) == (Y[:400] > 0.5)).float().mean().item()
    print(f"epoch {epoch} loss {tot:.4f} dev accuracy {ok:.4f}")
