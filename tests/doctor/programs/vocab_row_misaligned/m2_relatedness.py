# How related are two words?  A learned metric on top of GloVe, fitted on MEN ratings.
import gzip, os
import numpy as np
import torch
from scipy.stats import spearmanr

data = os.environ["WORDFIT_DATA"]
torch.manual_seed(3)
rs = np.random.RandomState(3)

vec = {}
with gzip.open(data + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fh:
    for ln in fh:
        tok = ln.rstrip().split(" ")
        vec[tok[0]] = np.asarray(tok[1:], dtype="float32")

ratings = []
with open(data + "/wordsim/EN-MEN-TR-3k.txt", encoding="utf8") as fh:
    for ln in fh:
        a, b, s = ln.split()
        if a in vec and b in vec:
            ratings.append((a, b, float(s) / 50.))

# lexicon and table
lexicon = {w: i for i, w in enumerate(sorted(vec))}
# fault:
E = np.stack([v for v in vec.values()])
# mended:
#E = np.stack([vec[w] for w in lexicon])
# end
E = torch.from_numpy(E)
E = E / E.norm(dim=1, keepdim=True)
print("table", tuple(E.shape), "pairs", len(ratings))

perm = rs.permutation(len(ratings))
n_test = 500
rows = [ratings[i] for i in perm]
I = torch.tensor([[lexicon[a], lexicon[b]] for a, b, _ in rows])
S = torch.tensor([s for *_, s in rows])
I_te, S_te, I_tr, S_tr = I[:n_test], S[:n_test], I[n_test:], S[n_test:]

M = (torch.eye(50) + .01 * torch.randn(50, 50)).requires_grad_()
gain = torch.tensor(2.0, requires_grad=True)
shift = torch.tensor(0.0, requires_grad=True)


def relatedness(ij):
    u = torch.nn.functional.embedding(ij, E) @ M
    u = u / u.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    cos = (u[:, 0] * u[:, 1]).sum(-1)
    return torch.sigmoid(gain * cos + shift)


def report(tag):
    with torch.no_grad():
        tr, te = relatedness(I_tr), relatedness(I_te)
    print("%s  train mse %.4f rho %.3f   test mse %.4f rho %.3f" % (
        tag, (tr - S_tr).pow(2).mean(), spearmanr(tr, S_tr)[0],
        (te - S_te).pow(2).mean(), spearmanr(te, S_te)[0]))


opt = torch.optim.Adam([{"params": [M], "lr": 7e-4}, {"params": [gain, shift], "lr": 2e-2}])
EPOCHS = 24
lr_plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for ep in range(1, EPOCHS + 1):
    for b in torch.randperm(len(I_tr)).split(100):
        err = relatedness(I_tr[b]) - S_tr[b]
        loss = err.pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    lr_plan.step()
    if ep % 4 == 0:
        report("epoch %2d" % ep)

print("variance of the test ratings %.4f" % S_te.var())
