# Where in the cell does a protein live?  Small CNN over amino acid letters.
import itertools
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(77)
torch.manual_seed(77)

AA = "ACDEFGHIKLMNPQRSTVWY"
HYDRO, BASIC, ACID = "AILMFVWLIV", "KRKRKH", "DEDEQ"
SITES = ["secreted", "nucleus", "membrane", "cytosol"]


def letters(alphabet, n, noise=0.2):
    return [AA[rng.integers(20)] if rng.random() < noise else alphabet[rng.integers(len(alphabet))] for _ in range(n)]


def protein(site):
    n = int(rng.integers(40, 64))
    s = [AA[rng.integers(20)] for _ in range(n)]
    if site == 0:                                   # signal peptide near the start
        k = int(rng.integers(8, 12)); s[1:1 + k] = letters(HYDRO, k); s[1 + k:5 + k] = list("AXAG".replace("X", "S"))
    elif site == 1:                                 # basic patch anywhere
        k = int(rng.integers(5, 8)); p = int(rng.integers(5, n - k)); s[p:p + k] = letters(BASIC, k, 0.15)
    elif site == 2:                                 # long greasy helix in the middle
        k = int(rng.integers(14, 19)); p = int(rng.integers(12, n - k)); s[p:p + k] = letters(HYDRO, k, 0.15)
    else:                                           # acidic tail
        k = int(rng.integers(8, 12)); s[-k:] = letters(ACID, k)
    return "".join(s)


y = rng.permutation(np.arange(3200) % 4)
seqs = [protein(c) for c in y]
X = torch.zeros(len(seqs), 64, dtype=torch.long)
for i, s in enumerate(seqs):
    X[i, :len(s)] = torch.tensor([AA.index(c) + 1 for c in s])
Y = torch.tensor(y)
train_ds, dev_X, dev_Y = TensorDataset(X[:2700], Y[:2700]), X[2700:], Y[2700:]


class SiteNet(nn.Module):
    def __init__(self, dim=16, ch=48):
        super().__init__()
        self.emb = nn.Embedding(21, dim, padding_idx=0)
        self.c1 = nn.Conv1d(dim, ch, 5, padding=2)
        self.c2 = nn.Conv1d(ch, ch, 5, padding=2)
        self.fc = nn.Linear(ch, 4)

    def forward(self, x):
        keep = (x > 0).unsqueeze(1)
        h = F.relu(self.c1(self.emb(x).transpose(1, 2))) * keep
        h = F.relu(self.c2(h)).masked_fill(~keep, 0.0)
        return self.fc(h.amax(2))


net = SiteNet()
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3)


def batches():
    while True:
        yield from DataLoader(train_ds, batch_size=64, shuffle=True)


def dev_report():
    net.eval()
    with torch.no_grad():
        out = net(dev_X)
    net.train()
    return F.cross_entropy(out, dev_Y).item(), (out.argmax(1) == dev_Y).float().mean().item()


# fault:
max_steps, log_every = 30, 6
# mended:
# max_steps, log_every = 240, 40
# end
running = []
for step, (xb, yb) in enumerate(itertools.islice(batches(), max_steps), 1):
    loss = F.cross_entropy(net(xb), yb)
    opt.zero_grad()
    loss.backward()
    opt.step()
    running.append(loss.item())
    if step % log_every == 0:
        dl, da = dev_report()
        print(f"step {step:4d}  train {np.mean(running):.3f}  dev loss {dl:.3f}  dev acc {da:.3f}")
        running = []
print("final dev accuracy: %.3f" % dev_report()[1])
