"""BiGRU tagger with large dropout; an exponential average of the weights is what gets evaluated."""
import copy
import random

import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)
LEX = {"D": "the a this".split(), "N": "cat roof storm letter bank".split(), "V": "saw hits leaves writes".split(), "A": "old red wild".split()}
both = "watch drink guard".split()  # noun after an article or adjective, else verb
TAGS = list(LEX)
ids = {w: i + 1 for i, w in enumerate(sum(LEX.values(), []) + both)}


def sentence():
    words, tags = [], []
    for _ in range(random.randint(2, 4)):
        for tag in ["D"] + ["A"] * random.randint(0, 2) + ["N", "V"]:
            pool = LEX[tag] + (both if tag in "NV" else [])
            words.append(random.choice(pool))
            tags.append(TAGS.index(tag))
    return torch.tensor([ids[w] for w in words]), torch.tensor(tags)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 24, padding_idx=0)
        self.drop = nn.Dropout(0.5)
        self.gru = nn.GRU(24, 24, bidirectional=True)
        self.out = nn.Linear(48, len(TAGS))

    def forward(self, seqs):
        p = nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False)
        p = p._replace(data=self.drop(self.emb(p.data)))
        h, _ = self.gru(p)
        return self.out(self.drop(h.data)), p


def gold(seqs):
    return nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False).data


model = Tagger()
average = copy.deepcopy(model).requires_grad_(False).eval()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
tx, ty = zip(*[sentence() for _ in range(200)])
for step in range(1, 181):
    model.train()
    x, y = zip(*[sentence() for _ in range(24)])
    loss = nn.functional.cross_entropy(model(x)[0], gold(y))
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for a, p in zip(average.parameters(), model.parameters()):
            a.lerp_(p, 0.05)
    if step % 45 == 0:
        with torch.no_grad():
            acc = (average(tx)[0].argmax(1) == gold(ty)).float().mean()
        print(f"step {step} loss {loss.item():.3f} tags right with averaged weights {acc:.3f}")
