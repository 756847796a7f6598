# Siamese regression of sentence relatedness (STS-B): frozen GloVe, learned word salience + linear map, cosine
import gzip, os, re
import numpy as np, torch
from torch import nn
from scipy.stats import pearsonr, spearmanr
torch.manual_seed(3); D = os.environ["WORDFIT_DATA"]
tok = lambda s: re.findall(r"[a-z]+|\d+|[^\sa-z\d]", s.lower())
names, vecs = ["<pad>"], [np.zeros(50, "f4")]
for line in gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, *v = line.rstrip().split(" "); names.append(w); vecs.append(np.array(v, "f4"))
ix = {w: i for i, w in enumerate(names)}
rows = []
for k, line in enumerate(open(f"{D}/glue/STS-B/train.tsv", encoding="utf-8")):
    c = line.rstrip("\n").split("\t")
    if k == 0: continue
    a, b = ([ix[t] for t in tok(s) if t in ix] for s in (c[7], c[8]))
    if a and b: rows.append((a, b, float(c[-1]) / 5))
np.random.RandomState(3).shuffle(idx := np.arange(len(rows)))
train = [rows[i] for i in idx[:4500]]
seen = {tuple(s) for r in train for s in r[:2]}
dev = [rows[i] for i in idx[4500:] if tuple(rows[i][0]) not in seen and tuple(rows[i][1]) not in seen]
print(len(train), "train pairs,", len(dev), "dev pairs (no sentence of theirs is in train)")
def side(lists):
    L = max(map(len, lists)); return torch.tensor([l + [0] * (L - len(l)) for l in lists])
class Encoder(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(torch.from_numpy(np.stack(table)), freeze=True, padding_idx=0)
        # salience depends on the vector and the frequency rank, so rare words are covered as well
        self.sal = nn.Linear(51, 1); nn.init.zeros_(self.sal.weight); nn.init.zeros_(self.sal.bias)
        self.map = nn.Linear(50, 50, bias=False); nn.init.eye_(self.map.weight)
        self.mean = nn.Parameter(torch.zeros(50))
    def forward(self, ids):
        v = self.vec(ids); rank = torch.log1p(ids.float()).unsqueeze(-1) / 9
        w = torch.softmax(self.sal(torch.cat([v, rank], -1)).squeeze(-1).masked_fill(ids == 0, float("-inf")), 1)
        return self.map((w.unsqueeze(-1) * v).sum(1) - self.mean)
enc = Encoder(vecs)
scale = nn.Parameter(torch.tensor(1.)); shift = nn.Parameter(torch.tensor(0.))
opt = torch.optim.Adam([{"params": [enc.map.weight], "lr": 1e-3, "weight_decay": 1e-4},
                        {"params": [enc.sal.weight, enc.sal.bias, enc.mean, scale, shift], "lr": 2e-2}])
def similarity(rows):
    return torch.cosine_similarity(enc(side([r[0] for r in rows])), enc(side([r[1] for r in rows])), dim=1)
def evaluate(rows):
    enc.eval()
    with torch.no_grad(): s = torch.cat([similarity(rows[i:i+500]) for i in range(0, len(rows), 500)])
    y = [r[2] for r in rows]
    return "pearson %.3f spearman %.3f" % (pearsonr(s.numpy(), y)[0], spearmanr(s.numpy(), y)[0])
print("before", evaluate(dev))
for ep in range(6):
    enc.train(); order = torch.randperm(len(train)).tolist(); run = []
    for i in range(0, len(order), 64):
        b = [train[j] for j in order[i:i+64]]
        loss = ((scale * similarity(b) + shift - torch.tensor([r[2] for r in b])) ** 2).mean()
        opt.zero_grad(); loss.backward(); opt.step(); run.append(loss.item())
    for g in opt.param_groups: g["lr"] *= .55
    print(f"epoch {ep} mse {np.mean(run):.4f} dev {evaluate(dev)}")
print("train", evaluate(train[:1500]))
