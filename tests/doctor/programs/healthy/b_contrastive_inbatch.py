"""In-batch contrastive training of questions and answers with a learned temperature; two epochs are enough."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(312)
torch.manual_seed(312)
FACTS = {"capital": "city", "author": "writer", "currency": "money", "river": "water", "peak": "mountain", "flag": "colours", "anthem": "song", "dish": "food"}
LAND = "peru mali laos oman fiji cuba chad nepal".split()
FILL = "what is the of which name in tell me about".split()
vocab = {w: i + 1 for i, w in enumerate(list(FACTS) + list(FACTS.values()) + LAND + FILL)}
COMBOS = [(f, c) for f in FACTS for c in LAND]


def texts(combos):
    q = [random.choices(FILL, k=3) + [f, c] for f, c in combos]
    a = [["the", FACTS[f], "of", c] + random.choices(FILL, k=random.randint(0, 2)) for f, c in combos]
    pad = lambda rows: nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in r]) for r in rows], batch_first=True)  # noqa: E731
    return pad(q), pad(a)


class Tower(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab) + 1, d, padding_idx=0)
        self.lin = nn.Linear(d, d)

    def forward(self, x):
        return F.normalize(self.lin(self.emb(x)), dim=1)


question, answer = Tower(), Tower()
log_t = nn.Parameter(torch.tensor(2.5))
opt = torch.optim.Adam([*question.parameters(), *answer.parameters(), log_t], lr=5e-3)
for epoch in range(2):
    for step in range(100):
        q, a = texts(random.sample(COMBOS, 24))
        sims = log_t.exp() * question(q) @ answer(a).T
        target = torch.arange(24)
        loss = (F.cross_entropy(sims, target) + F.cross_entropy(sims.T, target)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        q, a = texts(COMBOS)
        hit = ((question(q) @ answer(a).T).argmax(1) == torch.arange(len(COMBOS))).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} right answer first {hit:.4f}")
