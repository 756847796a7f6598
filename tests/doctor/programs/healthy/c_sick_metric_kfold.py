"""SICK relatedness, 3-fold ensemble. GloVe is fixed on purpose; only a diagonal metric and a tiny head are learned."""
import csv, gzip, os, re
import numpy as np, torch
from scipy.stats import pearsonr
from torch import nn
D = os.environ["WORDFIT_DATA"]; torch.manual_seed(40)
E = {}
for l in gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, *v = l.rstrip().split(" "); E[w] = np.array(v, "float32")

def pool(s):
    v = [E[w] for w in re.findall("[a-z]+", s.lower()) if w in E]
    return np.concatenate([np.mean(v, 0), np.max(v, 0)])

def read(name):
    rows = list(csv.DictReader(open(f"{D}/glue/SICK/{name}", encoding="utf-8"), delimiter="\t"))
    a = np.stack([pool(r["sentence_A"]) for r in rows]); b = np.stack([pool(r["sentence_B"]) for r in rows])
    return torch.tensor(a), torch.tensor(b), torch.tensor([float(r["relatedness_score"]) for r in rows])

class Metric(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.bn = nn.BatchNorm1d(2 * d); self.net = nn.Sequential(nn.Linear(2 * d, 12), nn.ReLU(), nn.Dropout(0.3), nn.Linear(12, 1))
    def forward(self, a, b):
        return 1 + 4 * torch.sigmoid(self.net(self.bn(torch.cat([(a - b).abs(), a * b], 1)))).squeeze(1)

A, B, Y = read("SICK_train.txt"); TA, TB, TY = read("SICK_test_annotated.txt")
fold = torch.randperm(len(Y)) % 3
votes, oof = [], torch.zeros(len(Y))
for k in range(3):
    m = Metric(A.shape[1]); opt = torch.optim.AdamW(m.parameters(), 3e-3, weight_decay=0.3)
    tr = (fold != k).nonzero()[:, 0]; va = fold == k
    best, state = 9e9, None
    for ep in range(5):
        m.train(); s = 0
        for b in tr[torch.randperm(len(tr))].split(64):
            loss = nn.functional.smooth_l1_loss(m(A[b], B[b]), Y[b])
            opt.zero_grad(); loss.backward(); opt.step(); s += loss.item() * len(b)
        m.eval()
        with torch.no_grad(): v = nn.functional.smooth_l1_loss(m(A[va], B[va]), Y[va]).item()
        if v < best: best, state = v, {n: t.clone() for n, t in m.state_dict().items()}
        print(f"fold {k} epoch {ep} train {s / len(tr):.4f} valid {v:.4f}")
    m.load_state_dict(state); m.eval()
    with torch.no_grad(): oof[va] = m(A[va], B[va]); votes.append(m(TA, TB))
print("out-of-fold r %.3f  test r %.3f" % (pearsonr(oof, Y)[0], pearsonr(torch.stack(votes).mean(0), TY)[0]))
