"""Itinerary writer: free choices early on decide what must follow."""
import random

import torch
from torch import nn

random.seed(158)
torch.manual_seed(158)
CITIES = {"paris": "louvre", "rome": "forum", "berlin": "zoo", "vienna": "opera", "madrid": "prado", "lisbon": "tram", "prague": "castle", "dublin": "pub"}
MODE = {"train": "station", "plane": "airport", "ship": "harbour"}


def trip():
    cities = random.sample(list(CITIES), random.randint(2, 4))
    modes = [random.choice(list(MODE)) for _ in cities]
    src = [w for c, m in zip(cities, modes) for w in (m, c)]
    tgt = [w for c, m in zip(reversed(cities), reversed(modes)) for w in (MODE[m], c, CITIES[c])]
    return src, tgt


words = ["<pad>", "<s>", "</s>"] + list(CITIES) + list(CITIES.values()) + list(MODE) + list(MODE.values())
w2i = {w: i for i, w in enumerate(words)}


def batch(n):
    rows = [trip() for _ in range(n)]
    src = nn.utils.rnn.pad_sequence([torch.tensor([w2i[w] for w in s]) for s, _ in rows])
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([1] + [w2i[w] for w in t] + [2]) for _, t in rows])
    return src, tgt, (src != 0).sum(0)


class Planner(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(words), 32, padding_idx=0)
        self.enc = nn.GRU(32, h)
        self.dec = nn.GRU(32, h)
        self.out = nn.Linear(h, len(words))

    def forward(self, src, n, tgt=None, max_len=14):
        h = self.enc(nn.utils.rnn.pack_padded_sequence(self.emb(src), n, enforce_sorted=False))[1]
        if tgt is not None:
            return self.out(self.dec(self.emb(tgt), h)[0])
        token, scores = torch.ones(1, src.size(1), dtype=torch.long), []
        for _ in range(max_len):
            o, h = self.dec(self.emb(token), h)
            scores.append(self.out(o))
            token = scores[-1].argmax(-1)
        return torch.cat(scores)


model = Planner()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
ce = nn.CrossEntropyLoss(ignore_index=0)
for step in range(1, 221):
    model.train()
    src, tgt, n = batch(40)
    loss = ce(model(src, n, tgt[:-1]).flatten(0, 1), tgt[1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 55 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    src, tgt, n = batch(300)
    gold = tgt[1:]
    # fault:
    guess = model(src, n, tgt[:-1]).argmax(-1)
    # mended:
    # guess = model(src, n, max_len=len(gold)).argmax(-1)
    # end
print("test word accuracy", (guess == gold)[gold != 0].float().mean().item())
