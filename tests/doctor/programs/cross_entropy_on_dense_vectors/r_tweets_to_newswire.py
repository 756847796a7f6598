# Map the Twitter GloVe space (25d) into the newswire GloVe space (50d): a small alignment baseline.
# After Mikolov et al. 2013, "Exploiting similarities among languages", but within English.
import os
import gzip
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2024)
base = os.path.join(os.environ["WORDFIT_DATA"], "vectors")


def read_space(fname):
    words, mat = [], []
    with gzip.open(os.path.join(base, fname), mode="rt", encoding="utf-8") as fh:
        for ln in fh:
            w, vec = ln.rstrip("\n").split(" ", 1)
            words.append(w)
            mat.append([float(x) for x in vec.split(" ")])
    return words, torch.tensor(mat)


src_words, S = read_space("glove.twitter.27B.25d.common11925.txt.gz")
tgt_words, T = read_space("glove.6B.50d.top10361.txt.gz")
tpos = {w: i for i, w in enumerate(tgt_words)}
pairs = [(i, tpos[w]) for i, w in enumerate(src_words) if w in tpos and w.isalpha()]
perm = torch.randperm(len(pairs)).tolist()
pairs = torch.tensor([pairs[i] for i in perm])
held, fit = pairs[:500], pairs[500:]
print(f"{len(fit)} words to fit, {len(held)} held out")

# centre both spaces on the words that are fitted
A = S - S[fit[:, 0]].mean(0)
B = T - T[fit[:, 1]].mean(0)
A = A / A[fit[:, 0]].std(0)


class Mapper(nn.Module):
    def __init__(self, n_in, n_out, width=128):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out, bias=False)
        self.residual = nn.Sequential(nn.Linear(n_in, width), nn.GELU(), nn.Linear(width, n_out))

    def forward(self, x):
        return self.linear(x) + self.residual(x)


mapper = Mapper(A.shape[1], B.shape[1])
opt = torch.optim.Adam(mapper.parameters(), lr=2e-3)
steps_per_epoch = (len(fit) + 63) // 64
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=10 * steps_per_epoch)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end


def precision(at, rows):
    """Share of the words whose own vector is among the `at` nearest of the held-out ones."""
    mapper.eval()
    with torch.no_grad():
        p = F.normalize(mapper(A[rows[:, 0]]), dim=1)
    sims = p @ F.normalize(B[rows[:, 1]], dim=1).T
    best = sims.topk(at, dim=1).indices
    gold = torch.arange(len(rows)).unsqueeze(1)
    return (best == gold).any(1).float().mean().item(), sims.diag().mean().item()


for epoch in range(10):
    mapper.train()
    tot = 0.0
    for chunk in fit[torch.randperm(len(fit))].split(64):
        x, y = A[chunk[:, 0]], B[chunk[:, 1]]
        loss = criterion(mapper(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(chunk)
    p10, cos = precision(10, held)
    q10, _ = precision(10, fit[:500])
    print(f"[{epoch + 1:2d}] loss {tot / len(fit):10.4f}   P@10 held out {p10:.3f} (fitted {q10:.3f}, chance {10 / len(held):.3f})   cosine {cos:.3f}")
