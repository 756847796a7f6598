"""What holds between two words?  The pairs of the Google analogy set (capital, plural, opposite, ...), relation = class,
frozen GloVe 50d.  The vectors are first cut down to the words in use and cached (matrix + word list)."""
import gzip, os, random
from pathlib import Path
import numpy as np
import torch
import torch.nn as nn

random.seed(7); np.random.seed(7); torch.manual_seed(7)
DATA = Path(os.environ["WORDFIT_DATA"])

pairs, relation = {}, None
for line in open(DATA / "wordsim/analogy/questions-words.txt", encoding="utf-8"):
    t = line.lower().split()
    if t[0] == ":":
        relation = t[1]
    else:
        pairs[(t[0], t[1])] = relation
        pairs[(t[2], t[3])] = relation
need = {w for p in pairs for w in p}


def build_cache():
    words, rows = [], []
    with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.split(" ", 1)
            if w in need:
                words.append(w)
                rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
    np.save("cache.npy", np.stack(rows))
    Path("cache.words").write_text("\n".join(words), encoding="utf-8")


def load_cache():
    # fault:
    words = sorted(set(Path("cache.words").read_text(encoding="utf-8").split("\n")))
    # mended:
    # words = Path("cache.words").read_text(encoding="utf-8").split("\n")
    # end
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(np.load("cache.npy"))


if not os.path.exists("cache.npy"):
    build_cache()
stoi, table = load_cache()
rows = [(stoi[a], stoi[b], r) for (a, b), r in sorted(pairs.items()) if a in stoi and b in stoi]
few = {r for r in {r for *_, r in rows} if sum(q == r for *_, q in rows) < 12}
rows = [r for r in rows if r[2] not in few]
classes = sorted({r for *_, r in rows})
random.shuffle(rows)
n = int(len(rows) * 0.75)
X = torch.tensor([[a, b] for a, b, _ in rows])
Y = torch.tensor([classes.index(r) for *_, r in rows])
print(len(rows), "pairs", len(classes), "relations", "largest class %.3f" % (torch.bincount(Y).max().item() / len(Y)))


class Relation(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", table)
        self.net = nn.Sequential(nn.Dropout(0.2), nn.Linear(150, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, len(classes)))

    def forward(self, ab):
        a, b = self.table[ab].unbind(1)
        return self.net(torch.cat([a, b, b - a], 1))


model = Relation()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
for epoch in range(60):
    model.train()
    for idx in torch.randperm(n).split(16):
        loss = nn.functional.cross_entropy(model(X[idx]), Y[idx], label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        model.eval()
        with torch.no_grad():
            a = [(model(X[s]).argmax(1) == Y[s]).float().mean().item() for s in (slice(0, n), slice(n, None))]
        print(f"epoch {epoch + 1} loss {loss.item():.3f} train acc {a[0]:.3f} dev acc {a[1]:.3f}")
