#!/usr/bin/env python
# Ingredient line tagger from distant supervision: a gazetteer knows only some of the words, the others carry no tag.
import random
import numpy as np
import torch
from torch import nn

random.seed(4)
np.random.seed(4)
torch.manual_seed(4)

syl = "ta ro mi ka lo pe su ne ri bo ge li".split()
name = lambda: "".join(random.choice(syl) for _ in range(random.randint(2, 3)))
UNITS = ["cup", "cups", "tbsp", "tsp", "g", "ml", "pinch", "oz", "kg", "clove", "slice"]
PREP = ["chopped", "minced", "fresh", "dried", "ground", "peeled", "sifted", "melted", "diced", "toasted"]
FOOD = sorted({name() for _ in range(120)})
GLUE = ["of", "and", "or", "the", "plus", "about"]
QTY = ["1", "2", "3", "4", "1/2", "1/4", "3/4", "10", "100", "250", "500"]
TAGS = ["QTY", "UNIT", "PREP", "FOOD", "GLUE"]
KIND = [QTY, UNITS, PREP, FOOD, GLUE]


def line():
    out = [(random.choice(QTY), 0)]
    if random.random() < .8: out.append((random.choice(UNITS), 1))
    if random.random() < .4: out.append(("of", 4))
    for _ in range(random.randint(0, 2)): out.append((random.choice(PREP), 2))
    out.append((random.choice(FOOD), 3))
    if random.random() < .4: out += [(random.choice(GLUE), 4), (random.choice(FOOD), 3)]
    return out


lines = []
seen = set()
while len(lines) < 4200:
    l = line()
    key = " ".join(w for w, _ in l)
    if key not in seen:
        seen.add(key)
        lines.append(l)
words = sorted({w for k in KIND for w in k})
stoi = {w: i + 1 for i, w in enumerate(words)}

train = []
for l in lines[:3800]:
    matched = random.random() < 0.38                    # the gazetteer found this line at all
    train.append([(stoi[w], t if matched and random.random() < 0.5 else -1) for w, t in l])
dev = [[(stoi[w], t) for w, t in l] for l in lines[3800:]]
print(len(train), "lines,", sum(any(t >= 0 for _, t in l) for l in train), "of them with a tag")
# fault:
pool = train
# mended:
# pool = [l for l in train if any(t >= 0 for _, t in l)]
# end


def tensors(batch):
    T = max(map(len, batch))
    a = np.zeros((T, len(batch), 2), dtype=np.int64)      # time first
    a[:, :, 1] = -1
    for j, l in enumerate(batch):
        a[:len(l), j] = l
    return torch.from_numpy(a[..., 0]), torch.from_numpy(a[..., 1])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words) + 1, 24, padding_idx=0)
        self.r = nn.LSTM(24, 24, bidirectional=True)
        self.o = nn.Linear(48, len(TAGS))

    def forward(self, x):
        lens = (x != 0).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.e(x), lens, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.r(packed)[0])
        return self.o(h)


net = Tagger()
optim = torch.optim.Adam(net.parameters(), lr=5e-3)
STEPS, BS = 480, 6
run = []
for step in range(1, STEPS + 1):
    x, y = tensors(random.sample(pool, BS))
    logp = torch.log_softmax(net(x), -1)
    known = y >= 0
    nll = -logp.gather(-1, y.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    loss = (nll * known).sum() / known.sum()
    optim.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optim.step()
    run.append(loss.item())
    if step % 80 == 0:
        net.eval()
        with torch.no_grad():
            x, y = tensors(dev)
            ok = (net(x).argmax(-1) == y)[y >= 0].float().mean().item()
        net.train()
        print(f"step {step}  loss {np.mean(run[-80:]):.4f}  dev tag accuracy {ok:.3f}")
