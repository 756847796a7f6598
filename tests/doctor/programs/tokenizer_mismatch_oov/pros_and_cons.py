"""Pros and cons of reviews: is a list of remarks a 'pro' or a 'con'? Frozen vectors, LSTM."""
import random
import re

import numpy as np
import torch
import torch.nn as nn

random.seed(36)
torch.manual_seed(36)
rs = np.random.RandomState(36)
pro = "sturdy bright quiet compact durable elegant fast reliable soft warm light precise simple handy cheap robust neat accurate fresh smooth comfy sleek tidy strong clear sharp safe stable flexible roomy".split()
con = "flimsy dim noisy bulky fragile ugly slow faulty rough cold heavy vague complex awkward pricey weak messy wrong stale sticky stiff clumsy dirty brittle blurry blunt risky wobbly rigid cramped".split()
part = "screen cable handle lid battery box motor strap zip pocket case keys button wheel lens cover hinge grip shell cord".split()
DIM = 40
a, b, c = (rs.randn(DIM) * 0.3 for _ in range(3))
with open("reviews.vec", "w") as f:
    for group, mean in ((pro, a), (con, b), (part, c), (["and", "very", "the", "is", ",", ".", "!", ":"], 0)):
        for w in group:
            f.write(w + " " + " ".join("%.4f" % v for v in mean + rs.randn(DIM) * 0.3) + "\n")


def remark(side):
    y = random.randrange(2)
    words = random.sample((pro if y else con)[side::2], random.randint(2, 3))
    text = random.choice(part) + ": " + ", ".join("very " * (random.random() < 0.3) + w for w in words) + random.choice(".!")
    return text.capitalize(), y


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r"\w+|[^\w\s]", text.lower())
    # end


train = sorted({remark(0) for _ in range(900)})
test = sorted({remark(1) for _ in range(400)})
vectors = {}
for line in open("reviews.vec"):
    w, *v = line.split()
    vectors[w] = torch.tensor([float(x) for x in v])
vocab = {}
for text, _ in train + test:
    for t in tokenize(text):
        vocab.setdefault(t, len(vocab))
table = torch.stack([vectors[w] if w in vectors else torch.randn(DIM) * 0.4 for w in vocab])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table)
        self.lstm = nn.LSTM(DIM, 32)
        self.out = nn.Linear(32, 2)

    def forward(self, seqs):
        p = nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False)
        _, (h, _) = self.lstm(p._replace(data=self.emb(p.data)))
        return self.out(h[-1])


def numbers(rows):
    return [torch.tensor([vocab[t] for t in tokenize(s)]) for s, _ in rows], torch.tensor([y for _, y in rows])


model = Model()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
test_x, test_y = numbers(test)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 24):
        x, y = numbers(train[i : i + 24])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} test {(model(test_x).argmax(1) == test_y).float().mean():.4f}")
