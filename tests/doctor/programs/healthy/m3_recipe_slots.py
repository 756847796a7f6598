# In[1]:
# Homework 6: slot filling in recipe lines ("two cups of brown sugar, sifted") with a BiLSTM tagger
import random
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(4)
torch.manual_seed(4)

# In[2]: lines with one tag per word
QTY = "one two three four five six half quarter some 100 200 250 500".split()
UNIT = "cup cups spoon spoons gram grams litre pinch handful slices cans".split()
ADJ = "fresh brown red green dried large small ripe cold frozen plain".split()
FOOD = "sugar flour tomato onion milk butter egg eggs rice beans garlic basil carrot cream salt oil lemon orange pepper".split()
PREP = "chopped sifted melted peeled diced sliced grated mashed".split()
NOTE = ["to taste", "if you like", "or more", "at room temperature", "for the pan", "from the garden"]


def line():
    w, t = [], []

    def put(text, tag):
        for x in text.split():
            w.append(x)
            t.append(tag)

    put(random.choice(["", "take", "add", "you need", "about"]), "O")
    put(random.choice(QTY), "QTY")
    if random.random() < 0.7:
        put(random.choice(UNIT), "UNIT")
        put(random.choice(["", "of"]), "O")
    if random.random() < 0.6:
        put(random.choice(ADJ), "ADJ")
    put(random.choice(FOOD), "FOOD")
    if random.random() < 0.25:  # compounds like lemon pepper
        put(random.choice(FOOD), "FOOD")
    if random.random() < 0.5:
        put(random.choice(PREP), "PREP")
    if random.random() < 0.3:
        put(random.choice(NOTE), "O")
    return tuple(w), tuple(t)


lines = list({w: t for w, t in (line() for _ in range(3600))}.items())
random.shuffle(lines)
dev, train = lines[:500], lines[500:3300]
TAGS = ["QTY", "UNIT", "ADJ", "FOOD", "PREP", "O"]
print(len(train), len(dev), "longest", max(len(w) for w, _ in lines), Counter(t for _, ts in train for t in ts))

# In[3]: word ids, rare ones share one row
freq = Counter(w for ws, _ in train for w in ws)
w2i = {"<pad>": 0, "<unk>": 1}
for w, c in freq.items():
    if c > 1:
        w2i[w] = len(w2i)
IGNORE = -100


def collate(rows):
    xs = [torch.tensor([w2i.get(w, 1) for w in ws]) for ws, _ in rows]
    ys = [torch.tensor([TAGS.index(t) for t in ts]) for _, ts in rows]
    lens = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), lens, pad_sequence(ys, batch_first=True, padding_value=IGNORE)


# In[4]:
class Tagger(nn.Module):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.words = nn.Embedding(n_words, 32, padding_idx=0)
        self.word_drop = nn.Dropout(0.5)
        self.lstm = nn.LSTM(32, 40, batch_first=True, bidirectional=True)
        self.out = nn.Linear(80, n_tags)

    def forward(self, x, lens):
        e = self.word_drop(self.words(x))
        p = pack_padded_sequence(e, lens, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.out(h)


tagger = Tagger(len(w2i), len(TAGS))
opt = torch.optim.Adam(tagger.parameters(), lr=6e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORE)
train_dl = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = torch.utils.data.DataLoader(dev, batch_size=250, collate_fn=collate)


def evaluate(dl):
    tagger.eval()
    right = words = whole = n = 0
    with torch.no_grad():
        for x, lens, y in dl:
            hit = (tagger(x, lens).argmax(-1) == y)
            mask = y != IGNORE
            right += hit[mask].sum().item()
            words += mask.sum().item()
            whole += (hit | ~mask).all(1).sum().item()
            n += len(y)
    tagger.train()
    return right / words, whole / n


# In[5]:
for epoch in range(5):
    s = 0.0
    for x, lens, y in train_dl:
        opt.zero_grad()
        loss = loss_fn(tagger(x, lens).flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
        opt.step()
        s += loss.item()
    print(f"epoch {epoch} loss {s / len(train_dl):.4f} dev tags %.4f whole lines %.4f" % evaluate(dev_dl))

# In[6]:
print("train tags %.4f whole lines %.4f" % evaluate(train_dl))
print("dev   tags %.4f whole lines %.4f" % evaluate(dev_dl))
