"""CNN for sentence classification (Kim 2014, CNN-static) on phrases of SST-2."""
import csv, gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(100); torch.manual_seed(100)
BASE = os.environ["WORDFIT_DATA"]
DIM, MAXLEN = 50, 66


def clean(path):
    with open(path, encoding="utf-8") as f:
        next(f)
        return [(s.split(), int(l)) for s, l in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


dev_ex = clean(f"{BASE}/glue/SST-2/dev.tsv")
dev_text = {" ".join(t) for t, _ in dev_ex}
train_ex = [(t, l) for t, l in clean(f"{BASE}/glue/SST-2/train.tsv") if len(t) >= 5 and " ".join(t) not in dev_text]
train_ex = [train_ex[i] for i in np.random.permutation(len(train_ex))[:8000]]

w2v = {}
vocab = {w for t, _ in train_ex + dev_ex for w in t}
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, vec = line.split(" ", 1)
        if word in vocab:
            w2v[word] = np.fromstring(vec, sep=" ", dtype="float32")
index = {w: i + 2 for i, w in enumerate(sorted(w2v))}
W = np.zeros((len(index) + 2, DIM), dtype="float32")     # 0 is padding
for w, i in index.items():
    W[i] = w2v[w]
W[1] = W[2:].mean(0)                                     # unknown words get the mean vector
cov = np.mean([w in index for t, _ in train_ex for w in t])
print("vocab %d, with vectors %d, token coverage %.3f" % (len(vocab), len(w2v), cov))


def to_ids(ex):
    X = np.zeros((len(ex), MAXLEN), dtype="int64")
    for r, (t, _) in enumerate(ex):
        ids = [index.get(w, 1) for w in t][:MAXLEN - 4]
        X[r, 2:2 + len(ids)] = ids         # two zeros at either side, as in wide convolution
    return torch.from_numpy(X), torch.tensor([l for _, l in ex])


class CNN(nn.Module):
    def __init__(self, maps=16, widths=(2, 3, 4)):
        super().__init__()
        self.static = nn.Embedding.from_pretrained(torch.from_numpy(W), freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(DIM, maps, k) for k in widths)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(maps * len(widths), 2)

    def forward(self, x):
        keep = (x != 0)
        e = self.static(x).transpose(1, 2)
        pooled = []
        for c in self.convs:
            h = F.relu(c(e))
            k = c.kernel_size[0]
            touched = keep.unfold(1, k, 1).any(-1)               # windows with at least one word
            pooled.append(h.masked_fill(~touched.unsqueeze(1), 0.0).max(2)[0])
        return self.fc(self.drop(torch.cat(pooled, 1)))


Xt, yt = to_ids(train_ex)
Xd, yd = to_ids(dev_ex)
model = CNN()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2], gamma=0.25)
best, best_state = 0, None
for epoch in range(4):
    model.train()
    losses = []
    for b in torch.randperm(len(Xt)).split(64):
        width = int((Xt[b] != 0).nonzero()[:, 1].max()) + 3
        out = model(Xt[b][:, :width])
        loss = F.cross_entropy(out, yt[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():                                # the max-norm constraint of the paper, on the last layer only
            n = model.fc.weight.norm(dim=1, keepdim=True)
            model.fc.weight.mul_(n.clamp(max=3.0) / n.clamp(min=1e-12))
        losses.append(loss.item())
    scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = (model(Xd).argmax(1) == yd).float().mean().item()
        tacc = (model(Xt[:1000]).argmax(1) == yt[:1000]).float().mean().item()
    if acc > best:
        best, best_state = acc, {k: v.clone() for k, v in model.state_dict().items()}
    print("epoch %d, loss %.4f, train perf %.2f %%, val perf %.2f %%" % (epoch, np.mean(losses), tacc * 100, acc * 100))
model.load_state_dict(best_state)
print("best val perf %.2f %%" % (best * 100))
