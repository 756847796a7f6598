"""Semantic relatedness (SICK, 1..5) from frozen GloVe vectors; MSE, Pearson and Spearman."""
import csv, gzip, os
import numpy as np
import torch
from torch import nn
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(11)
base = os.environ["WORDFIT_DATA"]
glove = {}
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        glove[w] = np.array(rest.split(), dtype=np.float32)
vocab = {w: i for i, w in enumerate(glove)}
table = torch.from_numpy(np.stack(list(glove.values())))


def read(name):
    with open(f"{base}/glue/SICK/{name}", encoding="utf-8", newline="") as f:
        return [(r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"]))
                for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


def bags(sentences):
    return [[vocab[w] for w in s if w in vocab] for s in sentences]


class Relatedness(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", table)
        self.proj = nn.Linear(50, 32)
        self.net = nn.Sequential(nn.Dropout(0.2), nn.Linear(66, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))

    def encode(self, ids):
        flat = self.table[torch.tensor([i for s in ids for i in s])]
        row = torch.tensor([k for k, s in enumerate(ids) for _ in s])
        h = torch.tanh(self.proj(flat))
        total = torch.zeros(len(ids), h.size(1)).index_add(0, row, h)
        n = torch.tensor([max(1, len(s)) for s in ids]).unsqueeze(1)
        return total / n

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        overlap = torch.tensor([[len(set(x) & set(y)) / max(1, len(set(x) | set(y))), abs(len(x) - len(y)) / 10] for x, y in zip(a, b)])
        return 3 + self.net(torch.cat([(u - v).abs(), u * v, overlap], 1)).squeeze(1)


def prepare(rows):
    return bags([r[0] for r in rows]), bags([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


train, dev, test = prepare(read("SICK_train.txt")), prepare(read("SICK_trial.txt")), prepare(read("SICK_test_annotated.txt")[:1500])
model = Relatedness()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, total_iters=560)
loss_fn = nn.MSELoss()


@torch.no_grad()
def report(data):
    model.eval()
    pred = model(data[0], data[1])
    return dict(mse=loss_fn(pred, data[2]).item(), pearson=pearsonr(pred.numpy(), data[2].numpy())[0], spearman=spearmanr(pred.numpy(), data[2].numpy())[0])


fmt = lambda d: " ".join(f"{k} {v:.3f}" for k, v in d.items())
print("mean baseline, dev mse %.3f" % ((dev[2] - train[2].mean()) ** 2).mean().item())
step, total = 0, 560
while step < total:
    for part in torch.randperm(len(train[2])).split(64):
        model.train()
        a, b = [train[0][i] for i in part], [train[1][i] for i in part]
        loss = loss_fn(model(a, b), train[2][part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        step += 1
        if step % 80 == 0:
            print(f"step {step:4d} | train {fmt(report(train))} | dev {fmt(report(dev))}")
print("test", fmt(report(test)))
