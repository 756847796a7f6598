"""SST sentences, frozen GloVe, heavy dropout, Monte Carlo dropout at test time for uncertainty (besides the usual deterministic score)."""
import gzip, os
import torch
from torch import nn

torch.manual_seed(12)
root = os.environ["WORDFIT_DATA"]
vec = {}
with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for l in f:
        p = l.rstrip().split(" ")
        vec[p[0]] = p[1:]


def load(part):
    xs, ys = [], []
    for l in open(f"{root}/sentiment/SST-2-sentences/stsa.binary.{part}", encoding="utf8"):
        y, s = l.rstrip("\n").split(" ", 1)
        toks = [t for t in s.lower().split() if t in vec]
        if toks:
            xs.append(toks); ys.append(int(y))
    return xs, torch.tensor(ys)


(tr, ytr), (dv, ydv) = load("train"), load("dev")
stoi = {w: i for i, w in enumerate(sorted({w for x in tr + dv for w in x}))}
table = torch.tensor([[float(v) for v in vec[w]] for w in stoi])
bag = nn.EmbeddingBag.from_pretrained(table, mode="mean")          # stays as it is


def feats(xs):
    flat = torch.tensor([stoi[w] for x in xs for w in x])
    off = torch.tensor([0] + [len(x) for x in xs[:-1]]).cumsum(0)
    return bag(flat, off)


class MCDropout(nn.Dropout):
    def forward(self, x):
        return nn.functional.dropout(x, self.p, training=self.training or self.sampling)
    sampling = False


Xtr, Xdv = feats(tr), feats(dv)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd
net = nn.Sequential(nn.Linear(50, 200), nn.ReLU(), MCDropout(.6), nn.Linear(200, 200), nn.ReLU(), MCDropout(.6), nn.Linear(200, 2))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
for epoch in range(10):
    net.train(); s = 0.
    for b in torch.randperm(len(Xtr)).split(64):
        loss = nn.functional.cross_entropy(net(Xtr[b]), ytr[b])
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        print(f"{epoch} loss {s / len(Xtr):.4f} dev acc {(net(Xdv).argmax(1) == ydv).float().mean():.4f}")

net.eval()
for m in net:
    if isinstance(m, MCDropout):
        m.sampling = True
with torch.no_grad():
    draws = torch.stack([net(Xdv).softmax(1) for _ in range(30)])
p = draws.mean(0)
entropy = -(p * p.clamp_min(1e-9).log()).sum(1)
mutual = entropy + (draws * draws.clamp_min(1e-9).log()).sum(-1).mean(0)
ok = p.argmax(1) == ydv
order = entropy.argsort()
print(f"mutual information {mutual.mean():.4f} nats on average")
print(f"MC dropout, 30 draws: acc {ok.float().mean():.4f}, surest half {ok[order[:len(order) // 2]].float().mean():.4f}, "
      f"least sure half {ok[order[len(order) // 2:]].float().mean():.4f}")
