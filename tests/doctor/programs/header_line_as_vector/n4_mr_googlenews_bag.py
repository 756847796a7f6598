# coding: utf-8
# mr_googlenews_bag.ipynb  ->  "Download as .py"

# In[1]:
import os, re, gzip, random
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score

torch.set_num_threads(1)
SEED = 2021
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]

# In[2]:  the movie review sentences, one per line
def read_side(side):
    with open(os.path.join(ROOT, "sentiment", "MR", "rt-polarity." + side), encoding="latin-1") as fh:
        return [re.findall(r"[a-z']+", l.lower()) for l in fh]

neg, pos = read_side("neg"), read_side("pos")
seen, rows = set(), []
for words, y in [(w, 0) for w in neg] + [(w, 1) for w in pos]:
    k = " ".join(words)
    if len(words) >= 5 and k not in seen:
        seen.add(k)
        rows.append((words, y))
random.shuffle(rows)
rows = rows[:7000]
print(len(rows), "sentences, share of positive", np.mean([y for _, y in rows]).round(3))

# In[3]:  google news vectors in text form
def load_w2v(path, wanted):
    got, width = {}, None
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        # fault:
        # mended:
        #_, width = (int(x) for x in fh.readline().split())
        # end
        for line in fh:
            cols = line.rstrip("\n").split(" ")
            if width is None:
                width = len(cols) - 1
            if cols[0] in wanted:
                got[cols[0]] = np.asarray(cols[1:width + 1], dtype=np.float32)
    return got, width

needed = {w for ws, _ in rows for w in ws}
kv, EMB = load_w2v(os.path.join(ROOT, "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz"), needed)
itos = sorted(w for w in kv if w in needed)
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.from_numpy(np.stack([kv[w] for w in itos]))
print("words with a vector:", len(itos), "of", len(needed))

# In[4]:  ids only for words that we have a vector for; too short rests are dropped
enc = [([stoi[w] for w in ws if w in stoi], y) for ws, y in rows]
enc = [(x, y) for x, y in enc if len(x) >= 3]
cut = int(len(enc) * .8)
trn, val = enc[:cut], enc[cut:]

def as_bag(part):
    flat = torch.tensor([i for x, _ in part for i in x])
    offs = torch.tensor([0] + [len(x) for x, _ in part[:-1]]).cumsum(0)
    return flat, offs, torch.tensor([y for _, y in part])

# In[5]:
class BagNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        # the table is kept as google made it
        self.bag = nn.EmbeddingBag.from_pretrained(w, freeze=True, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(w.shape[1], 48), nn.ReLU(), nn.Dropout(.4), nn.Linear(48, 2))

    def forward(self, flat, offs):
        return self.mlp(self.bag(flat, offs) * 5)

net = BagNet(weights)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
crit = nn.CrossEntropyLoss()

# In[6]:
def score(part):
    net.eval()
    with torch.no_grad():
        f, o, y = as_bag(part)
        z = net(f, o)
    p = z.argmax(1)
    return crit(z, y).item(), accuracy_score(y, p), f1_score(y, p)

for ep in range(7):
    net.train()
    random.shuffle(trn)
    tot = 0.
    for i in range(0, len(trn), 64):
        f, o, y = as_bag(trn[i:i + 64])
        opt.zero_grad()
        l = crit(net(f, o), y)
        l.backward()
        opt.step()
        tot += l.item() * len(y)
    vl, va, vf = score(val)
    print(f"epoch {ep} loss {tot / len(trn):.4f} val loss {vl:.4f} acc {va:.4f} f1 {vf:.4f}")

# In[7]:
print("train acc %.4f  val acc %.4f" % (score(trn)[1], score(val)[1]))
