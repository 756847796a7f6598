"""
Maps Wikipedia GloVe (50d) into the Twitter GloVe space (25d) so that we can score
words our Twitter table does not know.  Ported from a 2017 Keras notebook.
"""
import gzip, os
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(17)
np.random.seed(17)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "vectors")


def read_table(name):
    table = {}
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *nums = line.rstrip("\n").split(" ")
            table[word] = np.array(nums, dtype=np.float32)
    return table


wiki = read_table("glove.6B.50d.top10361.txt.gz")
twit = read_table("glove.twitter.27B.25d.common11925.txt.gz")
words = sorted(w for w in wiki if w in twit and w.isalpha())
np.random.shuffle(words)
X = torch.from_numpy(np.stack([wiki[w] for w in words]))
Y = torch.from_numpy(np.stack([twit[w] for w in words]))
n_test = 800
Xtr, Ytr, Xte, Yte = X[n_test:], Y[n_test:], X[:n_test], Y[:n_test]
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
print(f"{len(words)} shared words, {len(Xtr)} for training")

# Input(50) -> Dense(128, tanh) -> Dense(25)
net = nn.Sequential(nn.Linear(50, 128), nn.Tanh(), nn.Dropout(0.1), nn.Linear(128, 25))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=5, gamma=0.4)


def criterion(pred, vec):
    # fault:
    return F.cross_entropy(pred, vec)
    # mended:
    # return F.mse_loss(pred, vec)
    # end


def evaluate(x, y):
    net.eval()
    with torch.no_grad():
        p = net(x)
    cos = F.cosine_similarity(p - Ytr.mean(0), y - Ytr.mean(0)).mean().item()
    sims = F.normalize(p, dim=1) @ F.normalize(y, dim=1).T
    gold = sims.diag().unsqueeze(1)
    rank = (sims > gold).sum(1)
    return cos, (rank < 10).float().mean().item()


for epoch in range(1, 13):
    net.train()
    perm = torch.randperm(len(Xtr))
    running = 0.0
    for i in range(0, len(perm), 128):
        idx = perm[i:i + 128]
        loss = criterion(net(Xtr[idx]), Ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
    sched.step()
    if epoch % 3 == 0:
        c, p10 = evaluate(Xte, Yte)
        print(f"epoch {epoch:2d}  loss {running / len(Xtr):9.4f}  test cosine {c:.3f}  P@10 {p10:.3f}")

c, p10 = evaluate(Xtr[:n_test], Ytr[:n_test])
print(f"train words: cosine {c:.3f}  P@10 {p10:.3f}   (chance P@10 {10 / n_test:.3f})")
