# Stars (1-4, 7-10) of IMDB reviews as an ordinal problem: CORAL, i.e. one shared score and seven thresholds.
import gzip, itertools, os, re, zlib
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from scipy.stats import spearmanr

torch.manual_seed(13); np.random.seed(13)
LEVELS = [1, 2, 3, 4, 7, 8, 9, 10]
V = 6000
word = re.compile(r"[a-z']+")


def read(name, every):
    rows, seen = [], set()
    with gzip.open(f"{os.environ['WORDFIT_DATA']}/sentiment/imdb/{name}.tsv.gz", "rt", encoding="utf-8", newline="\n") as f:
        next(f)
        for line in itertools.islice(f, 0, None, every):
            _, rating, _, text = line.split("\t", 3)
            ids = {zlib.crc32(w.encode()) % V for w in set(word.findall(text[:1200].lower())) if len(w) > 2}
            key = frozenset(ids)
            if key not in seen:
                seen.add(key)
                rows.append((np.fromiter(ids, dtype=np.int64), LEVELS.index(int(rating))))
    return rows, seen


train, known = read("train", 5)
test = [r for r in read("test", 20)[0] if frozenset(r[0].tolist()) not in known]
print(len(train), len(test))


def to_tensors(rows):
    lens = [len(r[0]) for r in rows]
    return (torch.from_numpy(np.concatenate([r[0] for r in rows])), torch.tensor([0] + lens[:-1]).cumsum(0),
            torch.tensor([r[1] for r in rows]))


class Coral(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.w = nn.EmbeddingBag(V, 1, mode="sum")      # a linear model over binary features
        nn.init.zeros_(self.w.weight)
        self.first = nn.Parameter(torch.tensor(1.0))
        self.gaps = nn.Parameter(torch.zeros(k - 2))

    def forward(self, ids, off):
        cuts = torch.cat([self.first.view(1), self.first - F.softplus(self.gaps).cumsum(0)])   # decreasing biases
        return self.w(ids, off) + cuts                  # logit of P(level > j)


net = Coral(len(LEVELS))
opt = torch.optim.Adam([{"params": [net.w.weight], "lr": 6e-3}, {"params": [net.first, net.gaps], "lr": 3e-2}])
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)
stars = torch.tensor(LEVELS, dtype=torch.float)


@torch.no_grad()
def report(rows):
    ids, off, y = to_tensors(rows)
    level = (net(ids, off) > 0).sum(1)
    binary = ((level >= 4) == (y >= 4)).float().mean().item()
    return (stars[level] - stars[y]).abs().mean().item(), spearmanr(level, y)[0], binary


print("MAE of always 7 stars: %.3f" % (7 - stars[to_tensors(test)[2]]).abs().mean())
for epoch in range(4):
    order = np.random.permutation(len(train))
    tot = 0
    for k in range(0, len(order), 64):
        ids, off, y = to_tensors([train[i] for i in order[k:k + 64]])
        above = (y.unsqueeze(1) > torch.arange(len(LEVELS) - 1)).float()
        loss = F.binary_cross_entropy_with_logits(net(ids, off), above) + 2e-3 * net.w.weight.pow(2).sum()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    sch.step()
    print("epoch %d loss %.4f | train MAE %.3f rho %.3f pos/neg %.3f | test MAE %.3f rho %.3f pos/neg %.3f"
          % ((epoch, tot / len(order)) + report(train) + report(test)))
