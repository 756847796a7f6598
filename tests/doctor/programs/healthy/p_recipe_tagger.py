"""Ingredient lines -> tags (QTY, UNIT, NAME, PREP, O). Only the first letter-piece of each word is scored, the rest has label -100."""
import random
from collections import Counter
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(12); torch.manual_seed(12)
TAGS = ["O", "QTY", "UNIT", "NAME", "PREP"]
UNITS = "cup cups tablespoon tbsp teaspoon tsp gram grams ounce can clove slice pinch".split()
NAMES = "onion garlic tomato flour butter sugar salt pepper carrot potato orange lemon chicken cream milk ginger basil rice bean cheese honey mustard spinach celery".split()
PREPS = "chopped diced sliced minced grated peeled melted crushed beaten softened".split()
BOTH = "ground dried fresh smoked".split()       # preparation after the comma, part of the name before it


def line():
    words = []
    add = lambda tag, *ws: words.extend((w, tag) for w in ws)
    if random.random() < .2: add("O", random.choice(["about", "roughly", "plus"]))
    add("QTY", random.choice(["1", "2", "3", "1/2", "250", "4", "half"]))
    if random.random() < .75:
        add("UNIT", random.choice(UNITS))
        if random.random() < .5: add("O", "of")
    if random.random() < .5: add("NAME", random.choice(BOTH))
    add("NAME", random.choice(NAMES))
    if random.random() < .3: add("NAME", random.choice(["powder", "sauce", "clove", "slice", "paste"]))
    if random.random() < .7:
        add("O", ",")
        if random.random() < .4: add("O", random.choice(["finely", "roughly", "well"]))
        add("PREP", random.choice(PREPS + 3 * BOTH))
    if random.random() < .2: add("O", *random.choice([["to", "taste"], ["for", "serving"], ["if", "needed"]]))
    if random.random() < .08:       # annotators differ
        i = random.randrange(len(words)); words[i] = (words[i][0], random.choice(TAGS))
    return words


def pieces(words):
    toks, labels = [], []
    for w, tag in words:
        parts = [w[:3]] + ["##" + w[i:i + 3] for i in range(3, len(w), 3)]
        toks += parts
        labels += [TAGS.index(tag)] + [-100] * (len(parts) - 1)
    return toks, labels


lines = list({tuple(w for w, _ in l): l for l in (line() for _ in range(2400))}.values())
split = len(lines) * 5 // 6
train, dev = [pieces(w) for w in lines[:split]], [pieces(w) for w in lines[split:]]
vocab = {t: i + 2 for i, t in enumerate(sorted({t for toks, _ in train for t in toks}))}


def to_batch(rows):
    x = pad_sequence([torch.tensor([vocab.get(t, 1) for t in toks]) for toks, _ in rows], batch_first=True)
    return x, pad_sequence([torch.tensor(l) for _, l in rows], batch_first=True, padding_value=-100), [len(t) for t, _ in rows]


class Tagger(nn.Module):
    def __init__(self, n, d=16, h=20):
        super().__init__()
        self.emb, self.drop = nn.Embedding(n, d, padding_idx=0), nn.Dropout(0.2)
        self.lstm, self.out = nn.LSTM(d, h, bidirectional=True, batch_first=True), nn.Linear(2 * h, len(TAGS))

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.drop(self.emb(x)), lengths, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(h))


def f1_per_tag(rows):
    tagger.eval()
    tp, fp, fn = Counter(), Counter(), Counter()
    with torch.no_grad():
        x, y, lengths = to_batch(rows)
        guess = tagger(x, lengths).argmax(-1)
    keep = y != -100
    for g, t in zip(guess[keep].tolist(), y[keep].tolist()):
        if g == t: tp[t] += 1
        else: fp[g] += 1; fn[t] += 1
    return {TAGS[k]: 2 * tp[k] / max(1, 2 * tp[k] + fp[k] + fn[k]) for k in range(1, len(TAGS))}


tagger = Tagger(len(vocab) + 2)
optimizer = torch.optim.NAdam(tagger.parameters(), lr=4e-3)
loss_fn = nn.CrossEntropyLoss()
print("tags in training:", Counter(TAGS[t] for _, ls in train for t in ls if t >= 0).most_common())
for epoch in range(4):
    tagger.train()
    random.shuffle(train)
    for k in range(0, len(train), 40):
        x, y, lengths = to_batch(train[k:k + 40])
        loss = loss_fn(tagger(x, lengths).transpose(1, 2), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
    a, b = f1_per_tag(train), f1_per_tag(dev)
    print(f"epoch {epoch} mean F1 train {sum(a.values()) / 4:.3f} dev {sum(b.values()) / 4:.3f}", {k: round(v, 3) for k, v in b.items()})
