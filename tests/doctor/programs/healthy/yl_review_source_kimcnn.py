"""CNN-static of Kim (2014): does a snippet come from the movie site (MR) or from the shop (CR)?  The word vectors stay
as they come (that is the point of the static channel), so the table is a buffer and no parameter.  Heavy dropout."""
import gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1234)
rng = np.random.RandomState(1234)
base = os.environ["WORDFIT_DATA"]

snippets = {}
for label, (folder, files) in enumerate([("MR", ("rt-polarity.neg", "rt-polarity.pos")), ("CR", ("custrev.neg", "custrev.pos"))]):
    for name in files:
        for line in open(f"{base}/sentiment/{folder}/{name}", encoding="latin-1"):
            t = " ".join(line.lower().split())
            if len(t.split()) > 3:
                snippets.setdefault(t, label)
texts = list(snippets)
rng.shuffle(texts)
per = {0: 0, 1: 0}
chosen = []
for t in texts:                                  # the same number from each site
    if per[snippets[t]] < 1900:
        per[snippets[t]] += 1
        chosen.append(t)

rng.shuffle(chosen)
words = {w for t in chosen for w in t.split()}
vocab, vecs = {"<pad>": 0, "<unk>": 1}, []
with gzip.open(f"{base}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.rstrip().split(" ", 1)
        if w in words:
            vocab[w] = len(vocab)
            vecs.append(np.array(rest.split(" "), dtype=np.float32))
vecs = np.stack(vecs)
table = torch.from_numpy(np.vstack([np.zeros((1, 50), np.float32), vecs.mean(0, keepdims=True), vecs]))

L = 32
X = np.zeros((len(chosen), L), dtype=np.int64)
for i, t in enumerate(chosen):
    ids = [vocab.get(w, 1) for w in t.split()][:L]
    X[i, :len(ids)] = ids
X, y = torch.from_numpy(X), torch.tensor([snippets[t] for t in chosen])
Xd, yd, Xt, yt = X[:700], y[:700], X[700:], y[700:]
print("train", tuple(Xt.shape), "dev", tuple(Xd.shape), "share of CR in dev %.3f" % yd.float().mean())


class CNNStatic(nn.Module):
    def __init__(self, weights, maps=16, widths=(1, 2, 3)):
        super().__init__()
        self.register_buffer("weights", weights)
        self.convs = nn.ModuleList([nn.Conv1d(weights.size(1), maps, k) for k in widths])
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(maps * len(widths), 2)

    def forward(self, ids):
        lengths = (ids != 0).sum(1, keepdim=True)
        e = F.embedding(ids, self.weights).transpose(1, 2)
        pooled = []
        for conv in self.convs:
            h = F.relu(conv(e))
            # windows that begin past the last word must not win the max
            pos = torch.arange(h.size(2))[None]
            h = h.masked_fill((pos >= lengths)[:, None, :], 0.0)
            pooled.append(h.max(2).values)
        return self.fc(self.drop(torch.cat(pooled, 1)))


net = CNNStatic(table)
EPOCHS, B = 5, 50
optim = torch.optim.Adam(net.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=4e-3, total_steps=EPOCHS * ((len(Xt) + B - 1) // B))


def accuracy(a, b):
    net.eval()
    with torch.no_grad():
        r = sum((net(p).argmax(1) == q).sum().item() for p, q in zip(a.split(500), b.split(500))) / len(b)
    net.train()
    return r


for ep in range(EPOCHS):
    run = 0.0
    for idx in torch.randperm(len(Xt)).split(B):
        optim.zero_grad()
        loss = F.cross_entropy(net(Xt[idx]), yt[idx])
        loss.backward()
        optim.step()
        sched.step()
        run += loss.item() * len(idx)
    print("Epoch %d | loss %.4f | train acc %.4f | dev acc %.4f" % (ep, run / len(Xt), accuracy(Xt[:1000], yt[:1000]), accuracy(Xd, yd)))
