"""Complaint or compliment? Sum of word vectors divided by the number of words."""
import json
import random
import tempfile

import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(12)
rng = random.Random(12)
torch.manual_seed(12)

SYL = ["an", "be", "cor", "du", "el", "fi", "gra", "hu", "in", "jo", "ker", "lu"]
lex = sorted({"".join(rng.sample(SYL, rng.choice([2, 3]))) for _ in range(400)})
rng.shuffle(lex)
warm, cold, rest = lex[:60], lex[60:120], lex[120:]
u = rs.normal(size=24)
u /= np.linalg.norm(u)
words = ["</s>"] + lex
rows = [rs.normal(0.0, 0.5, 24)]
for w in lex:
    rows.append(rs.normal(0.0, 0.3, 24) + (1.0 * u if w in warm else -1.0 * u if w in cold else 0))
vec_file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
json.dump({"words": words, "vectors": np.round(rows, 4).tolist()}, vec_file)
vec_file.close()


def letter(y):
    n = min(4 + int(rng.expovariate(0.09)), 80)
    return [rng.choice((cold, warm)[y]) if rng.random() < 0.25 else rng.choice(rest) for _ in range(n - 2)] + rng.choices((cold, warm)[y], k=2)


data = [(letter(k % 2), k % 2) for k in range(900)]
rng.shuffle(data)

with open(vec_file.name) as f:
    loaded = json.load(f)
PAD = 0  # the end-of-sentence mark fills up short rows
lookup = {w: i for i, w in enumerate(loaded["words"])}
E = torch.tensor(loaded["vectors"], dtype=torch.float32)
# fault:
# mended:
# E[PAD] = 0.0
# end


class Averager(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=PAD)
        self.fc = nn.Linear(vectors.shape[1], 2)

    def forward(self, tokens, lengths):
        return self.fc(self.emb(tokens).sum(dim=1) / lengths.unsqueeze(1))


def make_batch(part):
    lengths = torch.tensor([len(t) for t, _ in part])
    tokens = torch.full((len(part), int(lengths.max())), PAD)
    for i, (t, _) in enumerate(part):
        tokens[i, : len(t)] = torch.tensor([lookup[w] for w in t])
    return tokens, lengths, torch.tensor([y for _, y in part])


train, dev = data[:600], data[600:]
net = Averager(E)
adam = torch.optim.Adam(net.fc.parameters(), lr=0.03)
for ep in range(12):
    train.sort(key=lambda row: (len(row[0]), rng.random()))  # little padding inside a batch
    starts = list(range(0, 600, 30))
    rng.shuffle(starts)
    ls = []
    for i in starts:
        tokens, lengths, y = make_batch(train[i:i + 30])
        loss = nn.functional.cross_entropy(net(tokens, lengths), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        ls.append(loss.item())
    with torch.no_grad():
        tokens, lengths, y = make_batch(dev)
        acc = (net(tokens, lengths).argmax(1) == y).float().mean().item()
    print(f"{ep:3d} loss={np.mean(ls):.4f} dev={acc:.4f}")
