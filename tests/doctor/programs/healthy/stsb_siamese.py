# STS-B: siamese projection of averaged GloVe, cosine -> score 0..5
import csv, gzip, os, re
import numpy as np, torch, torch.nn as nn

torch.manual_seed(0)
W = os.environ["WORDFIT_DATA"]
glove = {}
with gzip.open(os.path.join(W, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for l in fh:
        p = l.rstrip().split(" ")
        glove[p[0]] = np.array(p[1:], "float32")
itos = ["<pad>"] + list(glove)
stoi = {w: i for i, w in enumerate(itos)}
M = torch.tensor(np.stack([np.zeros(50, "float32")] + [glove[w] for w in itos[1:]]))
freq_rank = torch.arange(len(itos)).float()
sif = (freq_rank / (freq_rank + 60)).unsqueeze(1)          # frequent words count less

def tokens(s):
    return [stoi[w] for w in re.findall(r"[a-z]+|\d+", s.lower()) if w in stoi] or [stoi["the"]]

def load(name):
    a, b, y = [], [], []
    for r in csv.reader(open(f"{W}/glue/STS-B/{name}.tsv", encoding="utf8"), delimiter="\t", quoting=csv.QUOTE_NONE):
        if r[0] == "index": continue
        a.append(tokens(r[7])); b.append(tokens(r[8])); y.append(float(r[9]))
    return a, b, torch.tensor(y)

def pad(rows):
    n = max(map(len, rows))
    return torch.tensor([r + [0] * (n - len(r)) for r in rows])

class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(M, freeze=True)
        self.register_buffer("weight", sif)
        self.proj = nn.Linear(50, 50)
        nn.init.eye_(self.proj.weight); nn.init.zeros_(self.proj.bias)
        self.scale = nn.Parameter(torch.tensor([5.0, 0.0]))
    def vec(self, x):
        w = self.weight[x]
        w = w * (x > 0).unsqueeze(-1)
        return self.proj((self.emb(x) * w).sum(1) / w.sum(1).clamp(min=1e-3))
    def forward(self, a, b):
        return self.scale[0] * torch.cosine_similarity(self.vec(a), self.vec(b)) + self.scale[1]

tra, trb, try_ = load("train")
dva, dvb, dvy = load("dev")
model = Siamese()
opt = torch.optim.Adam([{"params": model.proj.parameters(), "lr": 1e-3}, {"params": [model.scale], "lr": 2e-2}])

def pearson(a, b):
    a, b = a - a.mean(), b - b.mean()
    return (a @ b / (a.norm() * b.norm())).item()

def report(tag, a, b, y):
    with torch.no_grad():
        p = model(pad(a), pad(b))
    print("  %s pearson %.3f mse %.3f (mean baseline %.3f)" % (tag, pearson(p, y), ((p - y) ** 2).mean(), ((y - try_.mean()) ** 2).mean()))

for epoch in range(8):
    tot = 0
    for idx in torch.randperm(len(tra)).split(64):
        i = idx.tolist()
        loss = nn.functional.mse_loss(model(pad([tra[k] for k in i]), pad([trb[k] for k in i])), try_[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(i)
    print("epoch", epoch, "train mse %.4f" % (tot / len(tra)))
    report("dev", dva, dvb, dvy)
report("train", tra, trb, try_)
