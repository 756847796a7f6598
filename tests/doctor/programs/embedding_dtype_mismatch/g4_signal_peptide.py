"""Does a protein carry an N-terminal signal peptide?  Small CNN over residue properties (SignalP for the poor)."""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(11); np.random.seed(11); torch.manual_seed(11)

AA = "ACDEFGHIKLMNPQRSTVWY"
# Kyte-Doolittle hydropathy, net charge at pH 7, side chain volume (A^3)
KD = dict(A=1.8, C=2.5, D=-3.5, E=-3.5, F=2.8, G=-.4, H=-3.2, I=4.5, K=-3.9, L=3.8, M=1.9, N=-3.5, P=-1.6,
          Q=-3.5, R=-4.5, S=-.8, T=-.7, V=4.2, W=-.9, Y=-1.3)
CHARGE = dict(D=-1, E=-1, K=1, R=1, H=.1)
VOL = dict(A=88.6, C=108.5, D=111.1, E=138.4, F=189.9, G=60.1, H=153.2, I=166.7, K=168.6, L=166.7, M=162.9, N=114.1,
           P=112.7, Q=143.8, R=173.4, S=89., T=116.1, V=140., W=227.8, Y=193.6)
props = np.array([[KD[a], CHARGE.get(a, 0), VOL[a]] for a in AA])
props = (props - props.mean(0)) / props.std(0)
WINDOW = 35


def draw(alphabet, n):
    return "".join(random.choice(alphabet) for _ in range(n))


def signal():
    n = "M" + draw("KRSNTQAKR", random.randint(2, 5))
    h = draw("LLLAAVIFGL", random.randint(8, 13))
    c = draw("SPGTQ", random.randint(1, 3)) + random.choice(["AXA", "VXA", "SXA"]).replace("X", random.choice(AA))
    return (n + h + c + draw(AA, WINDOW))[:WINDOW]


def cytosolic():
    s = "M" + draw(AA, WINDOW - 1)
    if random.random() < .5:                    # a hydrophobic beta strand, as in any soluble protein
        at = random.randint(3, 28)
        s = s[:at] + draw("VILFA", 5) + s[at + 5:]
    return s[:WINDOW]


records = [(signal(), 1) for _ in range(900)] + [(cytosolic(), 0) for _ in range(1100)]
random.shuffle(records)
X = torch.tensor([[AA.index(a) for a in s] for s, _ in records])
y = torch.tensor([l for _, l in records], dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:1600], y[:1600], X[1600:], y[1600:]


class SPNet(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.residues = nn.Embedding.from_pretrained(torch.from_numpy(table))   # chemistry does not change, keep fixed
        # mended:
        # self.residues = nn.Embedding.from_pretrained(torch.from_numpy(table).float())   # chemistry does not change, keep fixed
        # end
        self.conv = nn.Conv1d(table.shape[1], 16, 9, padding=4)
        self.pool = nn.AdaptiveMaxPool1d(1)
        self.out = nn.Linear(16, 1)

    def forward(self, seq):
        h = self.residues(seq).transpose(1, 2)
        h = torch.relu(self.conv(h))
        return self.out(self.pool(h).squeeze(-1)).squeeze(-1)


net = SPNet(props)
optim = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1.2e-2)
crit = nn.BCEWithLogitsLoss()
for epoch in range(7):
    net.train()
    total = 0.
    for idx in torch.randperm(len(Xtr)).split(50):
        optim.zero_grad()
        loss = crit(net(Xtr[idx]), ytr[idx])
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        p = net(Xte) > 0
    tp = (p & (yte == 1)).sum().item(); tn = (~p & (yte == 0)).sum().item()
    print(f"epoch {epoch+1}  BCE {total/len(Xtr):.3f}  sensitivity {tp/yte.sum().item():.3f}  "
          f"specificity {tn/(yte == 0).sum().item():.3f}")
