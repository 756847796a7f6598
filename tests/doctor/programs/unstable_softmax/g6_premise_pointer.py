# Pointer over candidates: given a hypothesis, point at the premise it was written for (1 out of 8).
# Sentences are sums of GloVe vectors, query and candidates go through separate projections.
import csv, gzip, os, re
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(21)
rng = np.random.RandomState(21)
D = os.environ["WORDFIT_DATA"]
K, LEN = 8, 16
STOP = set("a an the is are of in on at to and with his her their there it some s".split())

def tokens(text):
    return [t for t in re.findall(r"[a-z]+", text.lower()) if t not in STOP]

premises, hyps = [], []
used = set()
with open(D + "/glue/SNLI/train_subset8999.tsv", encoding="utf-8") as f:
    for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        if r["gold_label"] != "entailment" or r["sentence1"] in used:
            continue
        p, h = tokens(r["sentence1"])[:LEN], tokens(r["sentence2"])[:LEN]
        if len(premises) == 2200:
            break
        if len(p) >= 3 and len(h) >= 2:
            used.add(r["sentence1"])
            premises.append(p)
            hyps.append(h)
need = {w for s in premises + hyps for w in s}

stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50, "f"), np.zeros(50, "f")]
with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip().split(" ", 1)
        if w in need:
            stoi[w] = len(rows)
            rows.append(np.array(v.split(), "f"))
table = torch.tensor(np.stack(rows))
table[2:] -= table[2:].mean(0)          # remove the common direction

def pad(sents):
    out = torch.zeros(len(sents), LEN, dtype=torch.long)
    for i, s in enumerate(sents):
        out[i, :len(s)] = torch.tensor([stoi.get(w, 1) for w in s])
    return out

P, H = pad(premises), pad(hyps)
n_test = 400
print("pairs", len(P), "words", len(stoi))

def candidates(lo, hi):
    """for each row: K candidate premises of the same split and the slot of the right one"""
    n = hi - lo
    cand = np.empty((n, K), int)
    slot = rng.randint(0, K, n)
    for i in range(n):
        others = rng.choice(n - 1, K, replace=False)
        others = others + (others >= i)
        cand[i] = lo + others
        cand[i, slot[i]] = lo + i
    return torch.from_numpy(cand), torch.from_numpy(slot)

class Pointer(nn.Module):
    def __init__(self, table, dim=50):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.q = nn.Linear(dim, dim, bias=False)
        self.c = nn.Linear(dim, dim, bias=False)
        nn.init.eye_(self.q.weight)
        nn.init.eye_(self.c.weight)
        self.drop = nn.Dropout(0.1)
        self.dim = dim

    def forward(self, h, cands):
        q = self.q(self.drop(self.emb(h)).sum(1))                 # B d
        c = self.c(self.drop(self.emb(cands)).sum(2))             # B K d
        score = (c * q.unsqueeze(1)).sum(-1)
        # fault:
        e = torch.exp(score)
        return torch.log(e / e.sum(-1, keepdim=True))
        # mended:
        #return torch.log_softmax(score / self.dim, dim=-1)
        # end

model = Pointer(table)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3)
nll = nn.NLLLoss()
N = len(P) - n_test
test_c, test_y = candidates(N, len(P))

def test():
    model.eval()
    with torch.no_grad():
        lp = model(H[N:], P[test_c])
    return nll(lp, test_y).item(), (lp.argmax(1) == test_y).float().mean().item()

for epoch in range(8):
    model.train()
    cand, y = candidates(0, N)
    tot = right = 0
    for ix in torch.randperm(N).split(64):
        lp = model(H[ix], P[cand[ix]])
        loss = nll(lp, y[ix])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(ix)
        right += (lp.argmax(1) == y[ix]).sum().item()
    tl, ta = test()
    print("epoch %2d train loss %.3f acc %.3f | test loss %.3f acc %.3f" % (epoch, tot / N, right / N, tl, ta))
