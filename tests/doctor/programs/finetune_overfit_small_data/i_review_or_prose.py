# 300 sentences labelled by volunteers (some carelessly): film review or general prose?  GloVe 50d, averaged words.
# The test sentences were checked twice.
import gzip, os, re
import numpy as np
import torch, torch.nn as nn

torch.manual_seed(6)
rs = np.random.RandomState(6)
DIR = os.environ["WORDFIT_DATA"]

def sents(lines, k):
    toks = [re.findall(r"[a-z]+", l.lower())[:20] for l in lines]
    toks = [t for t in toks if len(t) > 7]
    return [toks[i] for i in rs.choice(len(toks), k, replace=False)]

reviews = open(DIR + "/sentiment/MR/rt-polarity.neg", encoding="latin-1").read().splitlines()
with gzip.open(DIR + "/corpora/brown.txt.gz", "rt", encoding="utf-8") as f:
    prose = [next(f) for _ in range(12000)]
rows = [(t, 1) for t in sents(reviews, 650)] + [(t, 0) for t in sents(prose, 650)]
rows = [rows[i] for i in rs.permutation(len(rows))]
train, dev = rows[:300], rows[300:]
train = [(t, 1 - y if rs.rand() < 0.12 else y) for t, y in train]

need = {w for t, _ in rows for w in t}
vocab, vecs = {"<none>": 0}, [np.zeros(50, dtype=np.float32)]
with gzip.open(os.path.join(DIR, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w = line[:line.index(" ")]
        if w in need:
            vocab[w] = len(vecs)
            vecs.append(np.array(line.split()[1:], dtype=np.float32))
weights = torch.tensor(np.stack(vecs))

def tensorize(part):
    seqs = [[vocab[w] for w in t if w in vocab] or [0] for t, _ in part]
    x = torch.zeros(len(seqs), max(map(len, seqs)), dtype=torch.long)
    for i, s in enumerate(seqs): x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([y for _, y in part])

class Averager(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        # end
        self.fc = nn.Linear(50, 2)
    def forward(self, x):
        m = (x > 0).float().unsqueeze(-1)
        return self.fc((self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1))

def accuracy(net, x, y):
    net.eval()
    with torch.no_grad(): z = net(x)
    net.train()
    return (z.argmax(1) == y).float().mean().item(), nn.functional.cross_entropy(z, y).item()

(xt, yt), (xd, yd) = tensorize(train), tensorize(dev)
net = Averager()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
for epoch in range(1, 13):
    for i in torch.randperm(len(xt)).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xt[i]), yt[i])
        loss.backward(); opt.step()
    if epoch % 2 == 0:
        a, l = accuracy(net, xt, yt); b, m = accuracy(net, xd, yd)
        print(f"epoch {epoch:2d} | train acc {a:.3f} loss {l:.3f} | test acc {b:.3f} loss {m:.3f}")
