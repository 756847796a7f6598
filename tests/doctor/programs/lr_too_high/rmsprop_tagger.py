"""Recipe tagger (quantity / unit / ingredient / action / other) with a BiGRU."""
import random

import torch
import torch.nn as nn

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)
TAGS = ["Q", "U", "I", "A", "O"]
LEX = {"Q": "one two three half".split(), "U": "cup spoon pinch gram".split(), "A": "stir chop bake whisk".split(), "O": "the of into and with until".split()}
FOOD = [f"food{i}" for i in range(40)]
AMBIG = ["cut", "dress", "roast", "salt", "oil", "butter", "sauce", "top", "water", "season", "juice", "zest"]     # action at the start, ingredient after a unit


def recipe():
    words, tags = [], []
    for _ in range(random.randint(1, 3)):
        a = random.choice(LEX["A"] + AMBIG * 5)
        words.append(a), tags.append("A")
        if random.random() < 0.5:
            words.append("the"), tags.append("O")
        if random.random() < 0.5:
            words.append(random.choice(LEX["Q"])), tags.append("Q")
            words.append(random.choice(LEX["U"])), tags.append("U")
        words.append(random.choice(FOOD + AMBIG * 20)), tags.append("I")
        if random.random() < 0.4:
            words.append(random.choice(["and", "until", "with"])), tags.append("O")
    return words, tags


w2i = {w: i + 1 for i, w in enumerate(sorted({w for v in LEX.values() for w in v} | set(FOOD) | set(AMBIG)))}


def batchify(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([w2i[w] for w in ws]) for ws, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([TAGS.index(t) for t in ts]) for _, ts in rows], batch_first=True, padding_value=-100)
    return x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 24, batch_first=True, bidirectional=True)
        self.out = nn.Linear(48, len(TAGS))

    def forward(self, x):
        lens = (x > 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        return self.out(nn.utils.rnn.pad_packed_sequence(self.gru(p)[0], batch_first=True)[0])


rows = {}
while len(rows) < 1300:
    w, t = recipe()
    rows[tuple(w)] = t
rows = list(rows.items())
train, dev = rows[200:], rows[:200]
model = Tagger()
# fault:
opt = torch.optim.RMSprop(model.parameters(), lr=0.5)
# mended:
# opt = torch.optim.RMSprop(model.parameters(), lr=0.003)
# end
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 25):
        x, y = batchify(train[i : i + 25])
        loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = batchify(dev)
        hit = model(x).argmax(-1) == y
    print(f"epoch {epoch}  loss {loss.item():.4f}  tag accuracy {hit[y >= 0].float().mean():.4f}")
