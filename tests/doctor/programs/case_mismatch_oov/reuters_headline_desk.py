"""Which desk gets the story - companies or governments & markets? From the headline alone (Reuters 1987).

Label: what the first lines of the body talk about.  Model: GloVe 50d (fixed), mean + max, logistic layer.
"""
import gzip, os, re
import numpy as np
import torch
from torch import nn

D = os.environ["WORDFIT_DATA"]
g = torch.Generator().manual_seed(11)
torch.manual_seed(11)

company = re.compile(r"\b(Inc|Corp|Ltd|shareholders|subsidiary|company|net|shr)\b", re.I)
public = re.compile(r"\b(government|minister|ministry|official|officials|Treasury|central bank|Department|tonnes|"
                    r"OPEC|Congress|president|U\.S\. Senate)\b", re.I)

heads, y = [], []
with gzip.open(os.path.join(D, "corpora", "reuters-21578-bodies.txt.gz"), "rt", encoding="utf-8") as f:
    story = []
    for line in f:
        if line.strip():
            story.append(line.strip())
            continue
        if len(story) > 1:
            lead = " ".join(story[1:4])
            c, p = len(company.findall(lead)), len(public.findall(lead))
            # fault:
            toks = re.findall(r"[A-Za-z]{2,}", re.sub("<.*?>", " ", story[0]))
            # mended:
            # toks = re.findall(r"[a-z]{2,}", re.sub("<.*?>", " ", story[0]).lower())
            # end
            if (c == 0) != (p == 0) and len(toks) >= 4 and y.count(int(c > 0)) < 1700:
                heads.append(toks)
                y.append(int(c > 0))
        story = []
        if len(heads) == 3400:
            break
y = torch.tensor(y, dtype=torch.float)
print(len(heads), "headlines, share of company news %.3f" % y.mean())

glove = {}
with gzip.open(os.path.join(D, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        glove[w] = rest
vocab = ["<pad>", "<unk>"] + sorted({w for h in heads for w in h if w in glove})
E = np.zeros((len(vocab), 50), dtype=np.float32)
for i, w in enumerate(vocab[2:], 2):
    E[i] = np.array(glove[w].split(), dtype=np.float32)
w2i = {w: i for i, w in enumerate(vocab)}
X = torch.zeros(len(heads), 12, dtype=torch.long)
for r, h in enumerate(heads):
    ids = [w2i.get(w, 1) for w in h[:12]]
    X[r, :len(ids)] = torch.tensor(ids)


class Desk(nn.Module):
    def __init__(self, E):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(E), freeze=True, padding_idx=0)
        self.lin = nn.Linear(100, 1)

    def forward(self, x):
        m = (x != 0).float()[..., None]
        e = self.emb(x)
        mean = (e * m).sum(1) / m.sum(1)
        top = e.masked_fill(m == 0, -1e4).max(1).values
        return self.lin(torch.cat([mean, top], 1)).view(-1)


perm = torch.randperm(len(X), generator=g)
tr, te = perm[:2700], perm[2700:]
model = Desk(E)
opt = torch.optim.Adam(model.lin.parameters(), lr=5e-3, weight_decay=1e-4)
bce = nn.BCEWithLogitsLoss()
for epoch in range(6):
    tot = 0.
    for b in tr[torch.randperm(len(tr), generator=g)].split(40):
        opt.zero_grad()
        l = bce(model(X[b]), y[b])
        l.backward()
        opt.step()
        tot += l.item() * len(b)
    with torch.no_grad():
        acc = [((model(X[s]) > 0).float() == y[s]).float().mean().item() for s in (tr, te)]
    print("ep %d loss %.4f  acc train %.3f test %.3f" % (epoch, tot / len(tr), *acc))
