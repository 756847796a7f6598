# Does a protein carry a secretory signal? N-terminal 50 residues, 1-D convolutions.
# Simulated after the textbook (positive n-region, hydrophobic h-region, A-x-A cleavage box).
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(5)
torch.manual_seed(5)
AA = "ACDEFGHIKLMNPQRSTVWY"
BG = np.array([8.2, 1.4, 5.4, 6.7, 3.9, 7.1, 2.3, 5.9, 5.8, 9.7, 2.4, 4.1, 4.7, 3.9, 5.5, 6.6, 5.3, 6.9, 1.1, 2.9])
BG /= BG.sum()


def protein(secreted):
    seq = list(rng.choice(list(AA), 50, p=BG))
    seq[0] = "M"
    if secreted:
        n = rng.randint(2, 6)
        seq[1 + rng.randint(0, n)] = rng.choice(["K", "R"])
        h = rng.randint(8, 13)
        for j in range(1 + n, 1 + n + h):
            if rng.rand() < 0.85:
                seq[j] = rng.choice(list("LLLLAVIFF"))
        c = 1 + n + h + rng.randint(2, 5)
        seq[c], seq[c + 2] = "A", "A"
    elif rng.rand() < 0.5:  # hydrophobic, but in the wrong place: a membrane helix further in
        start = rng.randint(26, 34)
        for j in range(start, start + 14):
            if rng.rand() < 0.8:
                seq[j] = rng.choice(list("LLAVIFFW"))
    return "".join(seq)


y = rng.randint(0, 2, 2400)
X = np.array([[AA.index(a) for a in protein(k)] for k in y])
Xtr, Ytr = torch.tensor(X[:2000]), torch.tensor(y[:2000]).float()
Xva, Yva = torch.tensor(X[2000:]), torch.tensor(y[2000:]).float()


class SigNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.aa = nn.Embedding(20, 12)
        self.c1 = nn.Conv1d(12, 24, 7, padding=3)
        self.c2 = nn.Conv1d(24, 24, 5, padding=2)
        self.drop = nn.Dropout(0.1)
        self.fc1 = nn.Linear(24 * 5, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        h = self.aa(x).transpose(1, 2)
        h = torch.tanh(self.c1(h))
        h = torch.tanh(self.c2(h))
        h = nn.functional.max_pool1d(h, 10).flatten(1)  # five blocks of ten residues
        return self.fc2(self.drop(torch.relu(self.fc1(h)))).squeeze(1)


net = SigNet()
# fault:
opt = torch.optim.Adam(net.parameters(), lr=0.3)
# mended:
# opt = torch.optim.Adam(net.parameters(), lr=3e-3)
# end
bce = nn.BCEWithLogitsLoss()
for ep in range(1, 7):
    net.train()
    run = []
    for b in torch.randperm(len(Xtr)).split(50):
        opt.zero_grad()
        loss = bce(net(Xtr[b]), Ytr[b])
        loss.backward()
        opt.step()
        run.append(loss.item())
    net.eval()
    with torch.no_grad():
        z = net(Xva)
        tr = ((net(Xtr) > 0) == (Ytr > 0.5)).float().mean()
    tp = ((z > 0) & (Yva > 0.5)).sum().item(); tn = ((z <= 0) & (Yva < 0.5)).sum().item()
    print("ep %d  loss %.3f  train acc %.3f  sens %.3f  spec %.3f  acc %.3f" % (
        ep, np.mean(run), tr, tp / Yva.sum().item(), tn / (1 - Yva).sum().item(), (tp + tn) / len(Yva)))
