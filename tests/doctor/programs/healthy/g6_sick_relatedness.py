# Semantic relatedness of SICK pairs as a regression: Siamese averaged GloVe, |u-v| and u*v features.
import csv, gzip, os, re
import numpy as np, torch
from torch import nn
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(9)
data_dir = os.environ["WORDFIT_DATA"]

# %% read
frames = {}
for split in ("train", "trial"):
    with open(f"{data_dir}/glue/SICK/SICK_{split}.txt", encoding="utf-8") as f:
        frames[split] = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
seen = {(r["sentence_A"], r["sentence_B"]) for r in frames["train"]}
frames["trial"] = [r for r in frames["trial"] if (r["sentence_A"], r["sentence_B"]) not in seen]
tok = lambda s: re.findall(r"[a-z]+", s.lower())
need = {w for f in frames.values() for r in f for col in ("sentence_A", "sentence_B") for w in tok(r[col])}

# %% vectors
w2i, vec = {"<pad>": 0}, [np.zeros(50, dtype="float32")]
with gzip.open(f"{data_dir}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.rstrip().split(" ", 1)
        if w in need:
            w2i[w] = len(vec)
            vec.append(np.array(rest.split(), dtype="float32"))
known = len(vec)
rng = np.random.default_rng(9)
spread = np.stack(vec[1:]).std()
for w in sorted(need - set(w2i)):                  # rare words get an own random direction
    w2i[w] = len(vec)
    vec.append(rng.normal(0, spread, 50).astype("float32"))
print(known, "GloVe words,", len(vec) - known, "random rows")

# %% tensors
def encode(sentences, width=20):
    out = torch.zeros(len(sentences), width, dtype=torch.long)
    for i, s in enumerate(sentences):
        ids = [w2i[w] for w in tok(s)][:width]
        out[i, :len(ids)] = torch.tensor(ids)
    return out

tensors = {}
for split, f in frames.items():
    tensors[split] = (encode([r["sentence_A"] for r in f]), encode([r["sentence_B"] for r in f]),
                      torch.tensor([(float(r["relatedness_score"]) - 1) / 4 for r in f]))

# %% model
class Siamese(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, 64)
        self.head = nn.Sequential(nn.Linear(128, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 1))

    def encode(self, x):
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        return torch.tanh(self.proj(self.table(x).sum(1) / n))

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.head(torch.cat([(u - v).abs(), u * v], 1)).squeeze(1)

model = Siamese(torch.from_numpy(np.stack(vec)))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)

# %% train
a, b, y = tensors["train"]
for epoch in range(8):
    model.train()
    for ix in torch.randperm(len(y)).split(64):
        loss = nn.functional.mse_loss(model(a[ix], b[ix]), y[ix])
        opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
    model.eval()
    line = f"epoch {epoch + 1}"
    for split, (sa, sb, sy) in tensors.items():
        with torch.no_grad():
            p = model(sa, sb)
        line += f"  {split}: mse {nn.functional.mse_loss(p, sy).item():.4f} r {pearsonr(p, sy)[0]:.3f} rho {spearmanr(p, sy)[0]:.3f}"
    print(line)
print("variance of the scores", round(tensors["trial"][2].var().item(), 4))
