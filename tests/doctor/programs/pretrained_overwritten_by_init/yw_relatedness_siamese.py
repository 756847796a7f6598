# MEN: how related are two words (0..50)?  Siamese lookup in GloVe + a learned weighting of the dimensions.
# No word of a test pair occurs in a training pair.
import gzip, os
import numpy as np, torch
import torch.nn as nn
from scipy.stats import spearmanr

torch.manual_seed(6); np.random.seed(6)
base = os.environ["WORDFIT_DATA"]

with open(base + "/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8") as f:
    men = [(a.lower(), b.lower(), float(s)) for a, b, s in (l.split() for l in f)]
mine = {w for a, b, _ in men for w in (a, b)}
vec = {}
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for l in f:
        w, *v = l.split()
        if w in mine:
            vec[w] = np.asarray(v, dtype="float32")
men = [r for r in men if r[0] in vec and r[1] in vec]
word2id = {w: i for i, w in enumerate(sorted(vec))}
glove = torch.from_numpy(np.stack([vec[w] for w in sorted(vec)]))
print(len(men), "pairs,", len(word2id), "words")

held = set(np.random.choice(sorted(word2id), int(.35 * len(word2id)), replace=False))
tr = [r for r in men if r[0] not in held and r[1] not in held]
te = [r for r in men if r[0] in held and r[1] in held]


def tensors(rows):
    a = torch.tensor([word2id[r[0]] for r in rows])
    b = torch.tensor([word2id[r[1]] for r in rows])
    return a, b, torch.tensor([r[2] / 25 - 1 for r in rows])


class Relatedness(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding(*table.shape)
        # fault:
        self.emb.weight.data.copy_(table)
        self.emb.weight.requires_grad = False
        self.weigh = nn.Parameter(torch.ones(table.size(1)))
        self.scale = nn.Linear(1, 1)
        self.apply(self._init_weights)
        # mended:
        # self.weigh = nn.Parameter(torch.ones(table.size(1)))
        # self.scale = nn.Linear(1, 1)
        # self.apply(self._init_weights)
        # self.emb.weight.data.copy_(table)
        # self.emb.weight.requires_grad = False
        # end

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.ones_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.5)

    def forward(self, a, b):
        u, v = self.emb(a) * self.weigh, self.emb(b) * self.weigh
        cos = nn.functional.cosine_similarity(u, v)
        return self.scale(cos.unsqueeze(1)).squeeze(1)


net = Relatedness(glove)
params = [p for p in net.parameters() if p.requires_grad]
opt = torch.optim.Adam(params, lr=2e-2)
A, B, S = tensors(tr)
a, b, s = tensors(te)
print("train pairs", len(S), "test pairs", len(s))
for epoch in range(10):
    net.train()
    tot = 0
    for i in torch.randperm(len(S)).split(32):
        loss = nn.functional.mse_loss(net(A[i], B[i]), S[i])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(i)
    net.eval()
    with torch.no_grad():
        rho_tr, rho_te = spearmanr(net(A, B), S)[0], spearmanr(net(a, b), s)[0]
    if epoch % 2: print(f"epoch {epoch} mse {tot/len(S):.4f} (variance {S.var():.4f}) spearman train {rho_tr:.3f} test {rho_te:.3f}")
