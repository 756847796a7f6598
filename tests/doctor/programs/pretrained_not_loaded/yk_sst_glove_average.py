import gzip, os, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
# average of fixed GloVe vectors + small MLP on the Stanford sentences

SEED, DIM, BATCH, EPOCHS = 5, 50, 64, 6
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
data = os.environ["WORDFIT_DATA"]

def sentences(part):
    for l in open(os.path.join(data, "sentiment/SST-2-sentences/stsa.binary." + part), encoding="utf8", errors="replace"):
        yield l[2:].split(), int(l[0])

words, vectors = ["<pad>", "<unk>"], [np.zeros(DIM), np.zeros(DIM)]
with gzip.open(os.path.join(data, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for l in f:
        cols = l.rstrip().split(" ")
        words.append(cols[0]); vectors.append(np.asarray(cols[1:], dtype="float64"))
glove = torch.tensor(np.stack(vectors), dtype=torch.float32)
index = {w: i for i, w in enumerate(words)}

def encode(part, drop=()):
    out = []
    for toks, y in sentences(part):
        ids = [index[t] for t in toks if t in index]
        if ids and tuple(toks) not in drop: out.append((ids, y))
    return out

train = encode("train")
test = encode("test", drop={tuple(t) for t, _ in sentences("train")})

class Averager(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.lookup = nn.Embedding(n_words, DIM, padding_idx=0)
        self.lookup.weight.requires_grad_(False)          # the vectors stay as they are
        self.fc1 = nn.Linear(DIM, 40)
        self.fc2 = nn.Linear(40, 2)
    def forward(self, ids, n):
        v = self.lookup(ids).sum(1) / n.unsqueeze(1)
        return self.fc2(F.dropout(F.relu(self.fc1(v)), 0.1, self.training))

model = Averager(len(words))
# fault:
model.load_state_dict({"embedding.weight": glove}, strict=False)
# mended:
# model.load_state_dict({"lookup.weight": glove}, strict=False)
# end

def batches(rows, shuffle):
    order = list(range(len(rows)))
    if shuffle: random.shuffle(order)
    for i in range(0, len(order), BATCH):
        b = [rows[j] for j in order[i:i + BATCH]]
        n = torch.tensor([len(t) for t, _ in b])
        ids = torch.zeros(len(b), int(n.max()), dtype=torch.long)
        for k, (t, _) in enumerate(b): ids[k, :len(t)] = torch.tensor(t)
        yield ids, n, torch.tensor([y for _, y in b])

def accuracy(rows):
    model.eval()
    with torch.no_grad():
        return sum((model(i, n).argmax(1) == y).sum().item() for i, n, y in batches(rows, False)) / len(rows)

opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for ep in range(EPOCHS):
    model.train(); losses = []
    for ids, n, y in batches(train, True):
        loss = F.cross_entropy(model(ids, n), y)
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    decay.step()
    print("epoch %d  loss %.4f  test acc %.4f" % (ep, np.mean(losses), accuracy(test)))
print("train acc %.4f  test acc %.4f" % (accuracy(train), accuracy(test)))
