# word -> part of the lexicon it is in; two sets of vectors glued together (Wikipedia 50d + Twitter 25d)
import gzip, os, random
import numpy as np
import torch, torch.nn as nn

here = os.environ.get("WORDFIT_DATA", "../shared/data")
random.seed(9); torch.manual_seed(9)

def glove(name):
    d = {}
    with gzip.open(f"{here}/vectors/{name}", "rt", encoding="utf-8") as f:
        for line in f:
            p = line.rstrip().split(" ")
            d[p[0]] = p[1:]
    return d

wiki, tweets = glove("glove.6B.50d.top10361.txt.gz"), glove("glove.twitter.27B.25d.common11925.txt.gz")

pos = {}
for line in open(f"{here}/wordsim/EN-SimVerb-3500.txt", encoding="utf-8"):
    a, b = line.lower().split("\t")[:2]
    pos[a] = pos[b] = 0
for line in open(f"{here}/wordsim/analogy/questions-words.txt", encoding="utf-8"):
    p = line.lower().split()
    if len(p) == 4:
        for w in p:
            pos.setdefault(w, 1)
for line in open(f"{here}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8"):
    for w in line.lower().split()[:2]:
        pos.setdefault(w.split("-")[0], 2)
words = sorted(w for w in pos if w in wiki and w in tweets)
random.shuffle(words)
print(len(words), [sum(pos[w] == k for w in words) for k in range(3)])

A = np.array([wiki[w] for w in words], dtype=np.float32)
B = np.array([tweets[w] for w in words], dtype=np.float32)
# fault:
both = np.concatenate([A.ravel(), B.ravel()]).reshape(len(words), 75)
# mended:
# both = np.concatenate([A, B], axis=1)
# end
row = {w: i for i, w in enumerate(words)}

model = nn.Sequential(nn.Embedding.from_pretrained(torch.from_numpy(both)), nn.Linear(75, 50), nn.ReLU(), nn.Dropout(0.4), nn.Linear(50, 3))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
n = int(len(words) * 0.7)
ids = torch.tensor([row[w] for w in words]); y = torch.tensor([pos[w] for w in words])
for epoch in range(20):
    model.train()
    for b in torch.randperm(n).split(16):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(ids[b]), y[b])
        loss.backward()
        opt.step()
    model.eval()
    print(epoch, "loss", round(loss.item(), 3), "dev acc", round((model(ids[n:]).argmax(1) == y[n:]).float().mean().item(), 3))
