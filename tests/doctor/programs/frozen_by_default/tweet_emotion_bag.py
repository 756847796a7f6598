# In[1]:
# TweetEval emotion with the 25d Twitter GloVe vectors, a bag of words and a separate,
# larger learning rate for the word table (the vectors are tuned together with the head).
import gzip, os, re
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

torch.manual_seed(13)
DATA = Path(os.environ["WORDFIT_DATA"])
names = ["anger", "joy", "optimism", "sadness"]


# In[2]:
def read(split):
    base = DATA / "sentiment" / "tweeteval" / "emotion"
    lines = (base / f"{split}_text.txt").read_text(encoding="utf-8").split("\n")
    labels = (base / f"{split}_labels.txt").read_text().split()
    return [re.findall(r"[a-z']+|[!?]|[^\x00-\x7f]", s.lower()) for s in lines[:len(labels)]], [int(v) for v in labels]


train_x, train_y = read("train")
val_x, val_y = read("val")
glove = {}
with gzip.open(DATA / "vectors" / "glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        glove[w] = np.asarray(v, dtype=np.float32)

counts = Counter(w for s in train_x for w in s)
itos = ["<unk>"] + sorted(w for w, c in counts.items() if c >= 2 or w in glove)
stoi = {w: i for i, w in enumerate(itos)}
sd = np.stack(list(glove.values())).std()
rng = np.random.default_rng(0)
table = np.stack([glove.get(w, rng.normal(0, sd, 25)).astype(np.float32) for w in itos])
print(len(itos), "words,", sum(w in glove for w in itos), "with a vector")


# In[3]:
def pack(rows):
    flat = [[stoi.get(w, 0) for w in r] or [0] for r in rows]
    offs = np.cumsum([0] + [len(r) for r in flat[:-1]])
    return torch.tensor([i for r in flat for i in r]), torch.tensor(offs)


class Tweets(nn.Module):
    def __init__(self, weights):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean")
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=False)
        # end
        self.drop = nn.Dropout(0.4)
        self.head = nn.Linear(weights.shape[1], 4)

    def forward(self, ids, offs):
        return self.head(self.drop(self.bag(ids, offs)))


model = Tweets(torch.from_numpy(table))
opt = torch.optim.Adam([{"params": model.bag.parameters(), "lr": 4e-3},
                        {"params": model.head.parameters(), "lr": 5e-3}])
crit = nn.CrossEntropyLoss()

# In[4]:
vi, vo = pack(val_x)
vy = torch.tensor(val_y)
for epoch in range(13):
    model.train()
    total = 0.0
    for idx in np.array_split(np.random.default_rng(epoch).permutation(len(train_x)), 50):
        ids, offs = pack([train_x[i] for i in idx])
        y = torch.tensor([train_y[i] for i in idx])
        loss = crit(model(ids, offs), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        guess = model(vi, vo).argmax(1)
    f1 = []
    for c in range(4):
        tp = ((guess == c) & (vy == c)).sum().item()
        f1.append(2 * tp / max(1, (guess == c).sum().item() + (vy == c).sum().item()))
    print(f"epoch {epoch} train loss {total / len(train_x):.4f} val acc {(guess == vy).float().mean():.3f} macro F1 {np.mean(f1):.3f}")
print({n: round(f, 3) for n, f in zip(names, f1)})
