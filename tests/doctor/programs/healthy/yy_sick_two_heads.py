"""SICK: relatedness (regression) and entailment (3 classes) from one pair representation, uncertainty-weighted losses."""
import csv, gzip, os
import numpy as np
import torch
from scipy.stats import pearsonr
from torch import nn

torch.manual_seed(17)
BASE = os.environ["WORDFIT_DATA"]
GLOVE = {}
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for row in fh:
        word, values = row.split(" ", 1)
        GLOVE[word] = np.array(values.split(), dtype=np.float32)
NEG = {"not", "no", "nobody", "n't", "isn't", "without"}
KINDS = {"NEUTRAL": 0, "ENTAILMENT": 1, "CONTRADICTION": 2}


def mean_vec(tokens):
    vs = [GLOVE[t] for t in tokens if t in GLOVE]
    return np.mean(vs, axis=0) if vs else np.zeros(50, np.float32)


def featurise(a, b):
    a, b = a.lower().split(), b.lower().split()
    A, B = set(a), set(b)
    u, v = mean_vec(a), mean_vec(b)
    ra, rb = mean_vec([w for w in a if w not in B]), mean_vec([w for w in b if w not in A])     # what is left after the overlap
    hand = [len(A & B) / len(A | B), len(A - B) / 5, len(B - A) / 5, (len(a) - len(b)) / 5, float(bool(A & NEG)), float(bool(B & NEG)),
            float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-6)), float(ra @ rb / (np.linalg.norm(ra) * np.linalg.norm(rb) + 1e-6))]
    return np.concatenate([np.abs(u - v), np.abs(ra - rb), hand]).astype(np.float32)


def load(name):
    with open(f"{BASE}/glue/SICK/{name}.txt", encoding="utf-8", newline="") as fh:
        rows = list(csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE))
    return (torch.tensor(np.stack([featurise(r["sentence_A"], r["sentence_B"]) for r in rows])),
            torch.tensor([float(r["relatedness_score"]) for r in rows]),
            torch.tensor([KINDS[r["entailment_judgment"].strip()] for r in rows]))


train, trial = load("SICK_train"), load("SICK_trial")
mu, sd = train[0].mean(0), train[0].std(0).clamp(min=1e-3)


class TwoHeads(nn.Module):
    def __init__(self, d, h=20):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(d, h), nn.LayerNorm(h), nn.GELU(), nn.Dropout(0.4))
        self.rel, self.ent = nn.Linear(h, 1), nn.Linear(h, 3)
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        h = self.trunk((x - mu) / sd)
        return 3.0 + self.rel(h)[:, 0], self.ent(h)

    def loss(self, x, r, e):
        pr, pe = self(x)
        parts = torch.stack([nn.functional.mse_loss(pr, r), nn.functional.cross_entropy(pe, e)])
        return ((-self.log_var).exp() * parts + 0.5 * self.log_var).sum(), parts.detach()    # Kendall et al.; may go below zero


def evaluate(model, data):
    model.eval()
    with torch.no_grad():
        pr, pe = model(data[0])
    model.train()
    return pearsonr(pr.numpy(), data[1].numpy())[0], (pe.argmax(1) == data[2]).float().mean().item()


net = TwoHeads(train[0].shape[1])
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.05)
for epoch in range(7):
    parts = []
    for idx in torch.randperm(len(train[1])).split(90):
        loss, p = net.loss(*(t[idx] for t in train))
        opt.zero_grad()
        loss.backward()
        opt.step()
        parts.append(p)
    for g in opt.param_groups:
        g["lr"] *= 0.7
    if epoch % 3 == 0:
        (r1, a1), (r2, a2) = evaluate(net, train), evaluate(net, trial)
        m = torch.stack(parts).mean(0)
        print(f"epoch {epoch} total {loss.item():.3f} mse {m[0]:.3f} ce {m[1]:.3f} | train r {r1:.3f} acc {a1:.3f} | trial r {r2:.3f} acc {a2:.3f}")
print("majority on trial: %.3f" % (trial[2] == 0).float().mean())
print("task sigmas", (0.5 * net.log_var).exp().detach().numpy().round(3))
