# SICK relatedness, after Tai, Socher & Manning 2015: a distribution over the grades 1..5 whose mean is the score.
import csv, gzip, os, random
import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
from scipy.stats import pearsonr, spearmanr

SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]

def load_pairs(name):
    rows = []
    with open(f"{ROOT}/glue/SICK/{name}", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            rows.append((r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"])))
    return rows

train = load_pairs("SICK_train.txt") + load_pairs("SICK_trial.txt")
train_texts = {(tuple(a), tuple(b)) for a, b, _ in train}
test = [r for r in load_pairs("SICK_test_annotated.txt")[:1500] if (tuple(r[0]), tuple(r[1])) not in train_texts]

wanted = {w for a, b, _ in train + test for w in a + b}
words, vecs = {}, []
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in wanted:
            words[w] = len(vecs)
            vecs.append(np.fromstring(rest, sep=" ", dtype=np.float32))
# unseen by GloVe: random vectors of about the same size, fixed as well
scale = np.stack(vecs).std()
for w in sorted(wanted - set(words)):
    words[w] = len(vecs)
    vecs.append(np.random.randn(50).astype(np.float32) * scale)
table = torch.from_numpy(np.stack(vecs))

def flat(sents):
    ids = torch.tensor([words[w] for s in sents for w in s])
    offs = torch.tensor([0] + [len(s) for s in sents[:-1]]).cumsum(0)
    return ids, offs

def overlap(a, b):
    a, b = set(a), set(b)
    return [len(a & b) / len(a | b), abs(len(a) - len(b)) / 10.]

def sparse_target(y):                # 3.6 -> .4 on 3 and .6 on 4
    lo = np.floor(y).astype(int)
    t = np.zeros((len(y), 5), dtype=np.float32)
    for i, (v, l) in enumerate(zip(y, lo)):
        t[i, l - 1] += 1 - (v - l)
        if l < 5:
            t[i, l] += v - l
    return torch.from_numpy(t)

class Relatedness(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=True)
        self.proj = nn.Linear(50, 50)
        self.hid = nn.Linear(102, 32)
        self.out = nn.Linear(32, 5)
        self.register_buffer("grades", torch.arange(1., 6.))
    def forward(self, A, B, extra):
        u, v = (torch.tanh(self.proj(self.bag(*s))) for s in (A, B))
        h = torch.sigmoid(self.hid(torch.cat([u * v, (u - v).abs(), extra], 1)))
        return F.log_softmax(self.out(F.dropout(h, 0.1, self.training)), 1)

def prep(rows):
    return flat([r[0] for r in rows]), flat([r[1] for r in rows]), torch.tensor([overlap(r[0], r[1]) for r in rows])

model = Relatedness()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=8e-3, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)

def predict(rows):
    model.eval()
    with torch.no_grad():
        return (model(*prep(rows)).exp() @ model.grades).numpy()

for ep in range(1, 6):
    model.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 64):
        rows = train[i:i + 64]
        target = sparse_target(np.array([r[2] for r in rows]))
        loss = F.kl_div(model(*prep(rows)), target, reduction="batchmean")
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(rows)
    sched.step()
    gold = np.array([r[2] for r in test])
    p, q = predict(test), train[:1500]
    print(f"epoch {ep} KL {tot / len(train):.4f} | train r {pearsonr(predict(q), [r[2] for r in q])[0]:.3f}"
          f" | test r {pearsonr(p, gold)[0]:.3f} rho {spearmanr(p, gold)[0]:.3f} mse {((p - gold) ** 2).mean():.3f}")
