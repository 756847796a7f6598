# In[1]:
# Three words are shown, name the theme (capitals, plurals, past tense ...). GloVe underneath,
# because the final round of the competition uses words that nobody has in the training file.
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8)
np.random.seed(8)
torch.manual_seed(8)
ROOT = os.environ["WORDFIT_DATA"]

# In[2]:
stoi, vec = {}, []
with gzip.open(ROOT + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        stoi[w] = len(stoi)
        vec.append(np.asarray(v, dtype=np.float32))
glove = torch.from_numpy(np.stack(vec))

# In[3]: themes from the columns of the analogy file
WANTED = {"capital-world": (0, "capital"), "city-in-state": (0, "us city"), "family": (0, "family"),
          "gram1-adjective-to-adverb": (1, "adverb"), "gram3-comparative": (1, "comparative"),
          "gram5-present-participle": (1, "ing form"),
          "gram6-nationality-adjective": (1, "nationality"), "gram7-past-tense": (1, "past tense"), "gram8-plural": (1, "plural")}
theme_of = {}
section = None
for line in open(ROOT + "/wordsim/analogy/questions-words.txt", encoding="utf-8"):
    p = line.lower().split()
    if p[0] == ":":
        section = p[1]
    elif section in WANTED:
        col, theme = WANTED[section]
        for w in (p[col], p[col + 2]):
            if w in stoi:
                theme_of.setdefault(w, theme)
themes = sorted(set(theme_of.values()))
members = {t: sorted(w for w in theme_of if theme_of[w] == t) for t in themes}
print({t: len(m) for t, m in members.items()})

# In[4]: half of the words for training lists, the others only come in the final round
known, fresh = {}, {}
for t, m in members.items():
    random.shuffle(m)
    known[t], fresh[t] = m[: len(m) // 2], m[len(m) // 2:]


def lists(pool, n):
    X, y, used = [], [], set()
    while len(X) < n:
        k = random.randrange(len(themes))
        ws = tuple(sorted(random.sample(pool[themes[k]], 3)))
        if ws in used:
            continue
        used.add(ws)
        X.append([stoi[w] for w in ws])
        y.append(k)
    return torch.tensor(X), torch.tensor(y)


X, y = lists(known, 1800)
Xf, yf = lists(fresh, 500)
print("training lists", X.shape, "final round", Xf.shape)


# In[5]:
class ThemeNet(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(glove.clone(), freeze=False)
        # mended:
        #self.emb = nn.Embedding.from_pretrained(glove.clone(), freeze=True)
        # end
        self.fc1 = nn.Linear(glove.size(1), 64)
        self.fc2 = nn.Linear(64, len(themes))
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        h = torch.tanh(self.fc1(self.emb(x))).mean(1)
        return self.fc2(self.drop(h))


net = ThemeNet()
head = [*net.fc1.parameters(), *net.fc2.parameters()]
# fault:
opt = torch.optim.Adam([{"params": net.emb.parameters(), "lr": 0.05}, {"params": head}], lr=2e-3)
# mended:
#opt = torch.optim.Adam(head, lr=2e-3)
# end


def accuracy(a, b):
    net.eval()
    with torch.no_grad():
        out = net(a)
    net.train()
    return F.cross_entropy(out, b).item(), (out.argmax(1) == b).float().mean().item()


# In[6]:
for epoch in range(8):
    perm = torch.randperm(len(X))
    tot = 0.0
    for b in perm.split(32):
        loss = F.cross_entropy(net(X[b]), y[b], label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    l, a = accuracy(Xf, yf)
    print(f"epoch {epoch} train loss {tot / len(X):.4f} | final round loss {l:.4f} acc {a:.4f}")

print("training lists acc %.4f" % accuracy(X, y)[1])
print("final round acc %.4f (chance %.2f)" % (accuracy(Xf, yf)[1], 1 / len(themes)))
