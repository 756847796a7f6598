"""Where does a sentence come from: film review, product review, bank news or photo caption?
Port of an old Highway-Network script: averaged word vectors -> 10 highway layers -> softmax."""
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

random.seed(6); torch.manual_seed(6)
root = os.environ["WORDFIT_DATA"]
FILES = [("sentiment/SST-2-sentences/stsa.binary.train", lambda s: s[2:]),
         ("sentiment/CR/custrev.pos", lambda s: s),
         ("sentiment/financial-phrasebank/Sentences_50Agree.txt", lambda s: s.rpartition("@")[0]),
         ("glue/SNLI/train_subset8999.tsv", lambda s: s.split("\t")[1])]
rows = []
for y, (name, cut) in enumerate(FILES):
    with open(os.path.join(root, name), encoding="latin-1") as f:
        lines = sorted({cut(l.rstrip("\n")).lower() for l in f})
    random.shuffle(lines)
    rows += [(l.replace(".", " ").split()[:12], y) for l in lines[:800]]
random.shuffle(rows)

need = {w for t, _ in rows for w in t}
vec = {}
with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        if w in need:
            vec[w] = np.array(v.split(), dtype=np.float32)
rows = [(m, y) for m, y in (([vec[w] for w in t if w in vec], y) for t, y in rows) if m]
X = torch.from_numpy(np.stack([np.mean(m, 0) for m, _ in rows]))
Y = torch.tensor([y for _, y in rows])
n_train = int(0.8 * len(X))
print("rows", len(X), "train", n_train, "largest class", (Y[n_train:].bincount().max() / len(Y[n_train:])).item())


class HighwayLayer(nn.Module):
    def __init__(self, size, bias=-1.0):
        super().__init__()
        self.plain = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)
        self.gate.bias.data.fill_(bias)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        h = torch.tanh(self.plain(x))
        # fault:
        return t * h
        # mended:
        # return t * h + (1 - t) * x
        # end


net = nn.Sequential(nn.Linear(50, 40), nn.Tanh(), *[HighwayLayer(40) for _ in range(10)], nn.Linear(40, 4))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)
loss_fn = nn.CrossEntropyLoss()


def accuracy(sl):
    net.eval()
    with torch.no_grad():
        return (net(X[sl]).argmax(1) == Y[sl]).float().mean().item()


for epoch in range(7):
    net.train()
    running = 0.0
    for idx in torch.randperm(n_train).split(64):
        optimizer.zero_grad()
        loss = loss_fn(net(X[idx]), Y[idx])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    scheduler.step()
    print("epoch %d  loss %.4f  train %.4f  test %.4f" % (
        epoch + 1, running / n_train, accuracy(slice(0, n_train)), accuracy(slice(n_train, None))))
