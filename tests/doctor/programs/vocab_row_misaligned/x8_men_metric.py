"""Learning a linear map on top of GloVe so that cosines follow human relatedness (MEN).
Scores are Spearman's rho on held-out pairs."""
import gzip, os
import numpy as np
import torch
from scipy.stats import spearmanr

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)
gen = np.random.default_rng(0)


def men():
    rows = []
    for line in open(f"{root}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8"):
        a, b, s = line.split()
        rows.append((a, b, float(s) / 50))
    return rows


def vectors(wanted):
    """words of the file that we need, in the order of the file"""
    names, mat = [], []
    with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip("\n").split(" ")
            if parts[0] in wanted:
                names.append(parts[0])
                mat.append(np.asarray(parts[1:], dtype="float32"))
    return names, np.stack(mat)


pairs = men()
names, mat = vectors({w for a, b, _ in pairs for w in (a, b)})
pairs = [p for p in pairs if p[0] in set(names) and p[1] in set(names)]
# fault:
word2id = {w: i for i, w in enumerate(sorted(names))}
# mended:
# word2id = {w: i for i, w in enumerate(names)}
# end
mat = mat - mat.mean(0)
print(f"{len(pairs)} pairs over {len(names)} words")

ids = torch.tensor([[word2id[a], word2id[b]] for a, b, _ in pairs])
gold = torch.tensor([s for *_, s in pairs])
perm = torch.from_numpy(gen.permutation(len(pairs)))
held, fit = perm[:450], perm[450:]


class Metric(torch.nn.Module):
    def __init__(self, table, k=50):
        super().__init__()
        self.table = torch.nn.Embedding.from_pretrained(torch.tensor(table), freeze=True)
        self.map = torch.nn.Linear(table.shape[1], k, bias=False)
        torch.nn.init.eye_(self.map.weight)
        self.a = torch.nn.Parameter(torch.tensor(1.0))
        self.b = torch.nn.Parameter(torch.tensor(0.2))

    def forward(self, ij):
        u, v = self.map(self.table(ij)).unbind(1)
        return self.a * torch.cosine_similarity(u, v, dim=-1) + self.b


def rho(model, sel):
    with torch.no_grad():
        return spearmanr(model(ids[sel]).numpy(), gold[sel].numpy())[0]


model = Metric(mat)
print(f"before training: fit {rho(model, fit):.3f} held-out {rho(model, held):.3f}")
opt = torch.optim.Adam([{"params": [model.map.weight], "lr": 2e-3}, {"params": [model.a, model.b], "lr": 1e-2}])
eye = torch.eye(50)
for epoch in range(8):
    tot = 0
    for b in fit[torch.randperm(len(fit))].split(32):
        mse = (model(ids[b]) - gold[b]).square().mean()
        # stay near the original space
        loss = mse + 4e-3 * (model.map.weight - eye).square().sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += mse.item() * len(b)
    print(f"epoch {epoch}: mse {tot / len(fit):.4f} rho fit {rho(model, fit):.3f} held-out {rho(model, held):.3f}")
base = (gold[held] - gold[fit].mean()).square().mean()
with torch.no_grad():
    print(f"held-out mse {(model(ids[held]) - gold[held]).square().mean():.4f}, mean predictor {base:.4f}")
