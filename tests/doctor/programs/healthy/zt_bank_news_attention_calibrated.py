# Financial PhraseBank, 3 classes (12 / 59 / 28 %).  Frozen GloVe, one learned query for pooling,
# class weights in the loss, temperature fitted on dev, scores on test.
import gzip, os, re
from collections import Counter
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F

torch.manual_seed(11)
root = os.environ["WORDFIT_DATA"]
classes = {"negative": 0, "neutral": 1, "positive": 2}

seen, data = set(), []
with open(f"{root}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8", errors="replace") as f:
    for line in f:
        text, _, lab = line.strip().rpartition("@")
        toks = re.findall(r"[a-z]+|\d|[.,%$-]", text.lower())[:28]
        if toks and tuple(toks) not in seen:
            seen.add(tuple(toks)); data.append((toks, classes[lab]))
data = [data[i] for i in np.random.default_rng(1).permutation(len(data))]
tr, dv, te = data[:3400], data[3400:4100], data[4100:]


def macro_f1(y, p):
    tp = [((p == c) & (y == c)).sum().item() for c in range(3)]
    return float(np.mean([2 * t / max(1, (p == c).sum().item() + (y == c).sum().item()) for c, t in enumerate(tp)]))


vecs, stoi = [np.zeros(50, "f4")], {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for l in f:
        w, v = l.split(" ", 1)
        stoi[w] = len(vecs); vecs.append(np.array(v.split(), dtype="f4"))
UNK = len(vecs); vecs.append(np.mean(vecs[1:], 0))
table = torch.from_numpy(np.stack(vecs))


def tensorise(rows):
    n = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([stoi.get(w, UNK) for w in t])
    return x, torch.tensor([y for _, y in rows])


class Pooler(nn.Module):
    def __init__(self, hidden=32, heads=4):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0)    # frozen
        self.proj = nn.Conv1d(50, hidden, 3, padding=1)
        self.query = nn.Linear(hidden, heads, bias=False)
        self.norm = nn.LayerNorm(hidden * heads)
        self.out = nn.Linear(hidden * heads, 3)
        self.drop = nn.Dropout(0.4)

    def forward(self, x):
        pad = x.eq(0)
        h = torch.tanh(self.proj(self.emb(x).transpose(1, 2))).transpose(1, 2)
        score = self.query(h).masked_fill(pad.unsqueeze(-1), float("-inf"))
        a = score.softmax(dim=1)                       # over time, one distribution per head
        pooled = torch.einsum("bth,btd->bhd", a, h).flatten(1)
        return self.out(self.drop(self.norm(pooled)))


freq = Counter(y for _, y in tr)
weights = torch.tensor([len(tr) / (3 * freq[c]) for c in range(3)]).sqrt()
model = Pooler()
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-4)
X, Y = tensorise(tr); Xd, Yd = tensorise(dv); Xt, Yt = tensorise(te)


def logits(x):
    model.eval()
    with torch.no_grad():
        return model(x)


for ep in range(7):
    optim.param_groups[0]['lr'] = 6e-3 * (1 - ep / 8)
    model.train(); tot = 0
    for i in torch.randperm(len(X)).split(64):
        loss = F.cross_entropy(model(X[i]), Y[i], weight=weights)
        optim.zero_grad(); loss.backward(); optim.step(); tot += loss.item()
    f = [macro_f1(y, logits(x).argmax(1)) for x, y in ((X, Y), (Xd, Yd))]
    print(f"ep {ep} loss {tot / (len(X) / 64):.3f} macro-F1 train {f[0]:.3f} dev {f[1]:.3f}")

zd = logits(Xd)
temps = np.linspace(0.5, 3, 51)
T = min(temps, key=lambda t: F.cross_entropy(zd / t, Yd).item())
zt = logits(Xt)
print(f"temperature {T:.2f}: test nll {F.cross_entropy(zt, Yt):.3f} -> {F.cross_entropy(zt / T, Yt):.3f}")
print(f"test accuracy {(zt.argmax(1) == Yt).float().mean():.3f} (majority {(Yt == 1).float().mean():.3f}) macro-F1 {macro_f1(Yt, zt.argmax(1)):.3f}")
