"""SST-2 baseline: fixed GloVe vectors, masked mean, small MLP."""
import os, csv, gzip, random
import torch
from torch import nn

torch.manual_seed(1); random.seed(1)
root = os.environ["WORDFIT_DATA"]


def read(path, n=None):
    with open(path, encoding="utf-8") as f:
        rows = [(r["sentence"].strip(), int(r["label"])) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]
    random.shuffle(rows)
    return rows[:n]


dev = read(f"{root}/glue/SST-2/dev.tsv")
train = [(s, y) for s, y in read(f"{root}/glue/SST-2/train.tsv") if len(s.split()) >= 6][:12000]
in_dev = {s for s, _ in dev}
train = [(s, y) for s, y in train if s not in in_dev]

stoi, vecs = {"<pad>": 0}, [torch.zeros(50)]
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        stoi[w] = len(stoi)
        vecs.append(torch.tensor([float(x) for x in v]))
vectors = torch.stack(vecs)


def encode(rows):
    seqs, ys = [], []
    for s, y in rows:
        ids = [stoi[w] for w in s.split() if w in stoi]
        if ids:
            seqs.append(torch.tensor(ids))
            ys.append(y)
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor(ys)


X, y = encode(train)
Xd, yd = encode(dev)


class MeanMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)   # the vectors stay as they are
        self.net = nn.Sequential(nn.Linear(50, 64), nn.Tanh(), nn.Dropout(0.2), nn.Linear(64, 1))

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        mean = (self.emb(ids) * mask).sum(1) / mask.sum(1)
        return self.net(mean).squeeze(-1)


model = MeanMLP()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6, eta_min=1e-5)
loss_fn = nn.BCEWithLogitsLoss()
print("train", tuple(X.shape), "dev", tuple(Xd.shape), "positive", y.float().mean().item())
for epoch in range(1, 7):
    model.train()
    order = torch.randperm(len(X))
    tot = 0
    for idx in order.split(64):
        opt.zero_grad()
        loss = loss_fn(model(X[idx]), y[idx].float())
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    model.eval()
    with torch.no_grad():
        acc = ((model(Xd) > 0) == (yd == 1)).float().mean().item()
        tacc = ((model(X[:3000]) > 0) == (y[:3000] == 1)).float().mean().item()
    print(f"{epoch}: loss {tot / len(X):.4f}  train acc {tacc:.4f}  dev acc {acc:.4f}")
