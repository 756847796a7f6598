# family assignment from k-mer content  (after the "spectrum kernel" idea, but with a small net)
# usage: python this_file.py
import itertools
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

rng = np.random.default_rng(3)
torch.manual_seed(3)

ALPHABET = "AILFWKREDNQSTGP"          # reduced alphabet
K = 2
KMERS = {"".join(p): i for i, p in enumerate(itertools.product(ALPHABET, repeat=K))}
N_FAM = 12

# each family = its own residue composition + a few favourite dipeptides
comp = rng.dirichlet(np.ones(len(ALPHABET)) * 6, size=N_FAM)
fav = [rng.choice(list(KMERS), size=8, replace=False) for _ in range(N_FAM)]

def make_seq(f):
    n = rng.integers(50, 110)
    parts = np.array(list(ALPHABET), dtype=object)[rng.choice(len(ALPHABET), size=n, p=comp[f])]
    spots = rng.random(n) < .18
    parts[spots] = rng.choice(fav[f], size=spots.sum())
    return "".join(parts)

def spectrum(s):
    v = np.zeros(len(KMERS), dtype=np.float32)
    for a in range(len(s) - K + 1): v[KMERS[s[a:a + K]]] += 1
    v = np.sqrt(v)
    return v / np.linalg.norm(v)

fams = rng.integers(0, N_FAM, size=1500)
X = torch.tensor(np.stack([spectrum(make_seq(f)) for f in fams]))
Y = torch.tensor(fams)
Xtr, Ytr, Xva, Yva = X[:1150], Y[:1150], X[1150:], Y[1150:]

class SpectrumNet(nn.Module):
    def __init__(self, n_in, n_hid, n_out):
        super(SpectrumNet, self).__init__()
        self.fc1 = nn.Linear(n_in, n_hid)
        self.fc2 = nn.Linear(n_hid, n_out)
    def forward(self, v):
        h = torch.relu(self.fc1(v))
        # fault:
        return F.softmax(self.fc2(h), dim=1)
        # mended:
        # return F.log_softmax(self.fc2(h), dim=1)
        # end

net = SpectrumNet(len(KMERS), 48, N_FAM)
loss_fn = nn.NLLLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)

for epoch in range(6):
    net.train()
    order = torch.randperm(len(Xtr))
    run = 0.
    for b in order.split(32):
        opt.zero_grad()
        l = loss_fn(net(Xtr[b]), Ytr[b])
        l.backward()
        opt.step()
        run += l.item() * len(b)
    net.eval()
    with torch.no_grad():
        acc = (net(Xva).argmax(1) == Yva).float().mean().item()
    if epoch % 2: print("epoch", epoch + 1, "loss", round(run / len(Xtr), 4), "val acc", round(acc, 3))
