# Slot tagging for recipe lines ("2 cups of chopped red onion , rinsed"), BiGRU. Notebook export.

# In[1]:
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
SEED = 2021
random.seed(SEED); torch.manual_seed(SEED)

# In[2]:
TAGS = ['NAME', 'QTY', 'UNIT', 'PREP', 'OTHER']
tag2id = {t: i for i, t in enumerate(TAGS)}
names = 'onion garlic carrot flour sugar butter milk egg rice bean tomato basil salt pepper oil cream cheese ham'.split()
adjs = 'red green white brown fresh dried sweet orange'.split()      # part of a name
preps = 'chopped diced sliced minced rinsed peeled melted grated orange'.split()
units = 'cup cups spoon spoons g kg ml can cans clove cloves'.split()
qtys = '1 2 3 4 5 half 100 200 250 one two'.split()

def make_line():
    out = []
    out.append((random.choice(qtys), 'QTY'))
    if random.random() < .8:
        out.append((random.choice(units), 'UNIT'))
        if random.random() < .5:
            out.append(('of', 'OTHER'))
    if random.random() < .5:
        out.append((random.choice(preps), 'PREP'))
    if random.random() < .5:
        out.append((random.choice(adjs), 'NAME'))
    out.append((random.choice(names), 'NAME'))
    if random.random() < .4:
        out.append((random.choice(names), 'NAME'))
    if random.random() < .4:
        out += [(',', 'OTHER'), (random.choice(preps), 'PREP')]
    if random.random() < .3:
        out += [('to', 'OTHER'), ('taste', 'OTHER')]
    return out

lines = [make_line() for _ in range(1400)]
train_lines, test_lines = lines[:1100], lines[1100:]
word2id = {'<pad>': 0}
for l in train_lines:
    for w, _ in l:
        word2id.setdefault(w, len(word2id))

# In[3]:
PAD = 0
def collate(batch):
    T = max(len(l) for l in batch)
    xs, ys = [], []
    for l in batch:
        fill = T - len(l)
        xs.append([word2id[w] for w, _ in l if w in word2id] + [PAD] * fill)
        # fault:
        ys.append([tag2id[t] for _, t in l] + [PAD] * fill)
        # mended:
        # ys.append([tag2id[t] for _, t in l] + [-100] * fill)
        # end
    return torch.tensor(xs), torch.tensor(ys)

# In[4]:
class Tagger(nn.Module):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 24, padding_idx=PAD)
        self.gru = nn.GRU(24, 20, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(40, n_tags)
    def forward(self, x):
        lengths = (x != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True, total_length=x.size(1))
        return self.linear(h)

net = Tagger(len(word2id), len(TAGS))
opt = torch.optim.Adam(net.parameters(), lr=0.005)

# In[5]:
for ep in range(4):
    random.shuffle(train_lines)
    net.train()
    cum = 0
    for i in range(0, len(train_lines), 32):
        x, y = collate(train_lines[i:i + 32])
        logits = net(x)
        # fault:
        loss = F.cross_entropy(logits.transpose(1, 2), y, ignore_index=PAD)
        # mended:
        # loss = F.cross_entropy(logits.transpose(1, 2), y, ignore_index=-100)
        # end
        opt.zero_grad(); loss.backward(); opt.step()
        cum += loss.item()
    print('Epoch', ep + 1, 'loss', round(cum / 35, 4))

# In[6]:
def predict(rows):
    net.eval()
    gold, pred = [], []
    with torch.no_grad():
        for i in range(0, len(rows), 100):
            part = rows[i:i + 100]
            x, _ = collate(part)
            best = net(x).argmax(-1).tolist()
            for l, b in zip(part, best):
                gold += [t for _, t in l]
                pred += [TAGS[k] for k in b[:len(l)]]
    return gold, pred

g, p = predict(train_lines[:400])
print('train token accuracy', round(np.mean([a == b for a, b in zip(g, p)]), 3))
g, p = predict(test_lines)
print('test token accuracy', round(np.mean([a == b for a, b in zip(g, p)]), 3))
for t in TAGS:
    tp = sum(a == b == t for a, b in zip(g, p))
    print(f'{t:6s} recall {tp / g.count(t):.3f} precision {tp / max(p.count(t), 1):.3f} n {g.count(t)}')
