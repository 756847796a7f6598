# Semantic relatedness on SICK, after Tai et al. (2015): the score in [1, 5] becomes a sparse distribution over
# the five grades, trained with KL, read out as an expectation. Sentence = mean of frozen word vectors.
import csv, gzip, os, re
import numpy as np, torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(2015)
base = os.environ["WORDFIT_DATA"]
tok = lambda s: re.findall(r"[a-z]+", s.lower())

def read(name):
    with open(f"{base}/glue/SICK/{name}", encoding="utf-8") as f:
        return [(tok(r["sentence_A"]), tok(r["sentence_B"]), float(r["relatedness_score"]))
                for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]

splits = {"train": read("SICK_train.txt"), "trial": read("SICK_trial.txt"), "test": read("SICK_test_annotated.txt")[:2000]}
words = {w for rows in splits.values() for a, b, _ in rows for w in a + b}
vec = {}
with gzip.open(f"{base}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)
    for line in f:
        w = line[:line.find(" ")]
        if w in words:
            vec[w] = np.array(line.split()[1:], dtype="f4")
print(f"vectors for {len(vec)}/{len(words)} words")

def sent(ws):
    vs = [vec[w] for w in ws if w in vec]
    return np.mean(vs, axis=0) if vs else np.zeros(300, "f4")

def tensors(rows):
    a = torch.from_numpy(np.stack([sent(r[0]) for r in rows]))
    b = torch.from_numpy(np.stack([sent(r[1]) for r in rows]))
    shared = torch.tensor([len({*r[0]} & {*r[1]}) / len({*r[0]} | {*r[1]}) for r in rows])
    return a, b, shared[:, None], torch.tensor([r[2] for r in rows])

def grades(score):                                   # 3.6 -> 0, 0, .4, .6, 0
    low = score.floor().clamp(max=4)
    p = torch.zeros(len(score), 5)
    k = torch.arange(len(score))
    p[k, low.long() - 1] = low + 1 - score
    p[k, low.long()] = score - low
    return p

class Similarity(torch.nn.Module):
    def __init__(self, d=300, h=32):
        super().__init__()
        self.proj = torch.nn.Linear(d, 40)
        self.drop = torch.nn.Dropout(0.1)
        self.wh = torch.nn.Linear(82, h)
        self.wp = torch.nn.Linear(h, 5)
    def forward(self, a, b, shared):
        cos = torch.cosine_similarity(a, b, dim=1)[:, None] * 3
        a, b = torch.tanh(self.proj(self.drop(2 * a))), torch.tanh(self.proj(self.drop(2 * b)))
        h = torch.sigmoid(self.wh(torch.cat([a * b, (a - b).abs(), cos, 3 * shared], 1)))
        return torch.log_softmax(self.wp(h), dim=1)

data = {k: tensors(v) for k, v in splits.items()}
net = Similarity()
opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
kl = torch.nn.KLDivLoss(reduction="batchmean")
scale = torch.arange(1., 6.)

def evaluate(name):
    net.eval()
    *x, y = data[name]
    with torch.no_grad():
        pred = net(*x).exp() @ scale
    return pearsonr(pred, y)[0], spearmanr(pred, y)[0], ((pred - y) ** 2).mean().item()

A, B, S, Y = data["train"]
P = grades(Y)
best, keep = -1, None
for epoch in range(1, 6):
    net.train()
    perm, total = torch.randperm(len(Y)), 0.0
    for idx in perm.split(50):
        opt.zero_grad()
        loss = kl(net(A[idx], B[idx], S[idx]), P[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    r = evaluate("trial")
    print(f"epoch {epoch}: KL {total / len(Y):.4f}  trial r {r[0]:.4f} rho {r[1]:.4f} mse {r[2]:.4f}")
    if r[0] > best:
        best, keep = r[0], {k: v.clone() for k, v in net.state_dict().items()}
net.load_state_dict(keep)
for name in data:
    print("%-6s pearson %.4f  spearman %.4f  mse %.4f" % (name, *evaluate(name)), " variance %.4f" % data[name][-1].var())
