"""Enzyme / non-enzyme from sequence with ProtVec-like 3-mer vectors and a CNN over overlapping 3-mers."""
import itertools
import random
import numpy as np
import torch
import torch.nn as nn

rng = random.Random(0)
npr = np.random.RandomState(0)
torch.manual_seed(0)
AA = "ACDEFGHIKLMNPQRSTVWY"
DIM = 20

# --- 3-mer vectors, one "KMER\tv1 v2 ..." per line, as distributed -----------------------------
prop = npr.randn(3, 20, DIM)
with open("protVec_20d.csv", "w") as f:
    for i, j, k in itertools.product(range(20), repeat=3):
        v = (prop[0, i] + prop[1, j] + prop[2, k]) / 1.7
        f.write(AA[i] + AA[j] + AA[k] + "\t" + " ".join("%.4f" % x for x in v) + "\n")

# --- sequences; low-complexity regions are soft-masked by the masking tool -----------
MOTIFS = ["GDSH", "GDSL", "GHSM", "GESH", "GDTL", "GESL", "GHTM"]


def protein(enzyme):
    s = [rng.choice(AA) for _ in range(rng.randint(30, 55))]
    if enzyme:
        for _ in range(2):
            m = rng.choice(MOTIFS)
            p = rng.randrange(len(s) - 4)
            s[p:p + 4] = m
    s = "".join(s)
    if rng.random() < 0.85:
        return s.lower()
    return s


with open("train.fa", "w") as ftr, open("valid.fa", "w") as fva:
    for n in range(2200):
        lab = n % 2
        (ftr if n < 1700 else fva).write(f">sp|P{n:05d} label={lab}\n{protein(lab)}\n")


def read_fasta(path):
    out = []
    for head, seq in itertools.zip_longest(*[open(path)] * 2):
        # fault:
        seq = seq.strip()
        # mended:
        # seq = seq.strip().upper()
        # end
        out.append(([seq[i:i + 3] for i in range(len(seq) - 2)], int(head.rsplit("=", 1)[1])))
    return out


class ProtVec:
    def __init__(self, path):
        self.index, rows = {"<pad>": 0, "<unk>": 1}, [[0.0] * DIM, [0.0] * DIM]
        for line in open(path):
            kmer, vals = line.split("\t")
            self.index[kmer] = len(rows)
            rows.append([float(v) for v in vals.split()])
        self.table = torch.tensor(rows)

    def __call__(self, kmers):
        return torch.tensor([self.index.get(k, 1) for k in kmers])


pv = ProtVec("protVec_20d.csv")
train, valid = read_fasta("train.fa"), read_fasta("valid.fa")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(pv.table, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(DIM, 64, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0).amax(2)
        return self.out(self.drop(h)).squeeze(1)


def collate(rows):
    x = nn.utils.rnn.pad_sequence([pv(k) for k, _ in rows], batch_first=True)
    return x, torch.tensor([float(y) for _, y in rows])


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
bce = nn.BCEWithLogitsLoss()
dl = torch.utils.data.DataLoader(train, 50, shuffle=True, collate_fn=collate)
vx, vy = collate(valid)
for ep in range(1, 13):
    net.train()
    tot = 0.0
    for x, y in dl:
        loss = bce(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        acc = ((net(vx) > 0).float() == vy).float().mean().item()
    print(f"[{ep:2d}] train {tot / len(dl):.4f}  valid acc {acc:.4f}")
