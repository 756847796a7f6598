# SICK semantic relatedness as in Tai et al. 2015: the score 1..5 becomes a distribution over five bins, KL loss,
# the expectation is read off at the end. Sentence = sum of tuned GloVe vectors; Pearson/Spearman on test pairs.
import csv, gzip, os
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(2015)
D = os.environ["WORDFIT_DATA"]

def pairs(fname):
    with open(f"{D}/glue/SICK/{fname}", encoding="utf-8") as f:
        return [(r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"]))
                for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]

tr, te = pairs("SICK_train.txt"), pairs("SICK_test_annotated.txt")[:1500]
count = Counter(w for a, b, _ in tr for w in a + b)
vocab = {w: i + 1 for i, w in enumerate(sorted(w for w in count if count[w] >= 3))}   # 0 = padding and rare words
W = np.zeros((len(vocab) + 1, 50), np.float32)
hits = 0
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w = line[:line.index(" ")]
        if w in vocab:
            W[vocab[w]] = line[len(w) + 1:].split(); hits += 1
print(f"{hits} of {len(vocab)} words have a vector, the others start near zero and move slowly")
missing = (W == 0).all(1); missing[0] = False
W[missing] = np.random.RandomState(1).uniform(-.05, .05, (missing.sum(), 50))

def mat(col, rows, n=24):
    m = torch.zeros(len(rows), n, dtype=torch.long)
    for i, r in enumerate(rows):
        ids = [vocab[w] for w in r[col] if w in vocab][:n]
        m[i, :len(ids)] = torch.tensor(ids)
    return m

def target(y):
    """sparse distribution p with expectation y"""
    lo = torch.floor(y).clamp(1, 4).long()
    p = torch.zeros(len(y), 5)
    p.scatter_(1, (lo - 1)[:, None], (lo + 1 - y)[:, None])
    p.scatter_(1, lo[:, None], (y - lo)[:, None])
    return p

A, B, Y = mat(0, tr), mat(1, tr), torch.tensor([r[2] for r in tr])
A2, B2, Y2 = mat(0, te), mat(1, te), torch.tensor([r[2] for r in te])

class Related(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.EmbeddingBag.from_pretrained(torch.tensor(W), freeze=False, mode="sum", padding_idx=0)
        self.proj = nn.Linear(50, 50, bias=False)
        self.h = nn.Linear(100, 50)
        self.o = nn.Linear(50, 5)
    def forward(self, a, b):
        u, v = torch.tanh(self.proj(self.E(a)) * .3), torch.tanh(self.proj(self.E(b)) * .3)
        z = F.dropout(torch.cat([(u - v).abs(), u * v], 1), .2, self.training)
        return F.log_softmax(self.o(torch.sigmoid(self.h(z))), 1)

net, bins = Related(), torch.arange(1., 6.)
opt = torch.optim.Adam([dict(params=net.E.parameters(), lr=1e-4),
                        dict(params=[p for n, p in net.named_parameters() if not n.startswith("E.")], lr=6e-3, weight_decay=1e-3)])
sched = torch.optim.lr_scheduler.StepLR(opt, 1, .7)

@torch.no_grad()
def score(a, b):
    net.eval()
    return (net(a, b).exp() @ bins).numpy()

for ep in range(5):
    net.train()
    run = 0.
    for ix in torch.randperm(len(Y)).split(40):
        loss = F.kl_div(net(A[ix], B[ix]), target(Y[ix]), reduction="batchmean")
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(ix)
    sched.step()
    print(f"epoch {ep+1} KL {run/len(Y):.4f} test r {pearsonr(score(A2, B2), Y2.numpy())[0]:.4f}")
s, t = score(A, B), score(A2, B2)
print("train pearson %.3f" % pearsonr(s, Y.numpy())[0])
print("test  pearson %.3f spearman %.3f mse %.3f (variance %.3f)" %
      (pearsonr(t, Y2.numpy())[0], spearmanr(t, Y2.numpy())[0], ((t - Y2.numpy()) ** 2).mean(), Y2.var()))
