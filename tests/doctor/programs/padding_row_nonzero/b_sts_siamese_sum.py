import csv, gzip, os
import numpy as np, torch
from scipy.stats import spearmanr, pearsonr

DATA = os.environ["WORDFIT_DATA"]
rng = np.random.RandomState(0)
torch.manual_seed(0)

def load_vectors(fn, d):
    itos, rows = ["<pad>", "<unk>"], []
    with gzip.open(fn, "rt", encoding="utf-8") as fh:
        for line in fh:
            parts = line.rstrip("\n").split(" ")
            itos.append(parts[0]); rows.append(np.asarray(parts[1:], dtype=np.float32))
    table = rng.normal(0, 0.4, (len(itos), d)).astype(np.float32)
    table[2:] = np.stack(rows)
    # fault:
    # mended:
    # table[0] = 0
    # end
    return {w: i for i, w in enumerate(itos)}, table

def sts(fn):
    out = []
    with open(fn, encoding="utf-8") as fh:
        head = fh.readline().rstrip("\n").split("\t")
        a, b, s = head.index("sentence1"), head.index("sentence2"), head.index("score")
        for line in fh:
            c = line.rstrip("\n").split("\t")
            if len(c) > s:
                out.append((c[a], c[b], float(c[s])))
    return out

stoi, table = load_vectors(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", 50)

def toks(s):
    for ch in ".,!?;:\"()'":
        s = s.replace(ch, f" {ch} ")
    return [stoi.get(w, 1) for w in s.lower().split()][:40]

def block(sents):
    ids = [toks(s) for s in sents]
    return torch.tensor([i + [0] * (40 - len(i)) for i in ids])

class Siamese(torch.nn.Module):
    """sum of weighted word vectors -> projection -> cosine   (pads are zero rows, so the sum ignores them)"""
    def __init__(self):
        super().__init__()
        self.emb = torch.nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.weight = torch.nn.Embedding.from_pretrained(torch.ones(len(table), 1), freeze=False)
        self.proj = torch.nn.Linear(50, 64, bias=False)
        self.a = torch.nn.Parameter(torch.tensor(4.0)); self.b = torch.nn.Parameter(torch.tensor(0.0))
    def encode(self, x):
        return self.proj((self.emb(x) * self.weight(x)).sum(1))
    def forward(self, x, y):
        return self.a * torch.cosine_similarity(self.encode(x), self.encode(y), dim=1) + self.b

train, dev = sts(f"{DATA}/glue/STS-B/train.tsv"), sts(f"{DATA}/glue/STS-B/dev.tsv")
print(len(train), "training pairs", len(dev), "dev pairs")
net = Siamese()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)

def score(pairs):
    net.eval(); preds = []
    with torch.no_grad():
        for i in range(0, len(pairs), 250):
            part = pairs[i:i + 250]
            preds.append(net(block([p[0] for p in part]), block([p[1] for p in part])).numpy())
    gold = [p[2] for p in pairs]; preds = np.concatenate(preds)
    return pearsonr(preds, gold)[0], spearmanr(preds, gold)[0]

for ep in range(2):
    order = rng.permutation(len(train)); tot = 0.0
    net.train()
    for i in range(0, len(order), 64):
        part = [train[j] for j in order[i:i + 64]]
        out = net(block([p[0] for p in part]), block([p[1] for p in part]))
        loss = ((out - torch.tensor([p[2] for p in part])) ** 2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(part)
    print("epoch %d mse %.4f | train r %.3f rho %.3f | dev r %.3f rho %.3f" % ((ep, tot / len(train)) + score(train[:1200]) + score(dev)))
