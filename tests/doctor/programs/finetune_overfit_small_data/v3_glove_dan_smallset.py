# notebook -> script. "How far do we get with a few hundred labelled reviews?" GloVe + averaging network
import gzip, os, re
import numpy as np
import torch, torch.nn as nn
from sklearn.metrics import accuracy_score, log_loss

np.random.seed(2021)
torch.manual_seed(2021)
D = os.environ["WORDFIT_DATA"]

# In[1]: the labelled rows we have
def read_stsa(name):
    xs, ys = [], []
    for l in open(f"{D}/sentiment/SST-2-sentences/{name}", encoding="latin-1"):
        y, s = l.strip().split(" ", 1)
        ys.append(int(y)); xs.append(s.lower().split())
    return xs, np.array(ys)

x_all, y_all = read_stsa("stsa.binary.train")
pick = np.random.permutation(len(x_all))[:800]
x_tr, y_tr = [x_all[i] for i in pick], y_all[pick]
x_va, y_va = read_stsa("stsa.binary.dev")
print("train", len(x_tr), "pos share", y_tr.mean().round(3), "| valid", len(x_va), "pos share", y_va.mean().round(3))

# In[2]: GloVe
seen = {w for s in x_tr + x_va for w in s}
stoi, vecs = {"<pad>": 0}, [np.zeros(50, "float32")]
for l in gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    p = l.rstrip("\n").split(" ")
    if p[0] not in seen: continue
    stoi[p[0]] = len(vecs); vecs.append(np.asarray(p[1:], "float32"))
weights = torch.from_numpy(np.vstack(vecs))

def encode(xs):
    ids = [[stoi[w] for w in s if w in stoi] for s in xs]
    m = max(map(len, ids))
    return torch.tensor([i + [0] * (m - len(i)) for i in ids])

X, V = encode(x_tr), encode(x_va)
Y = torch.tensor(y_tr, dtype=torch.float32)

# In[3]: model
class DAN(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(weights.clone(), freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(weights.clone(), freeze=True, padding_idx=0)
        # end
        self.out = nn.Linear(50, 1)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        avg = (self.emb(ids) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.out(avg).squeeze(1)

model = DAN()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01, weight_decay=0)
bce = nn.BCEWithLogitsLoss()

# In[4]: fit
for epoch in range(25):
    model.train()
    order = torch.randperm(len(X))
    for chunk in order.split(40):
        optimizer.zero_grad()
        loss = bce(model(X[chunk]), Y[chunk])
        loss.backward()
        optimizer.step()
    if (epoch + 1) % 5 == 0:
        model.eval()
        with torch.no_grad():
            pt, pv = torch.sigmoid(model(X)).numpy(), torch.sigmoid(model(V)).numpy()
        pt, pv = pt.astype("float64"), pv.astype("float64")
        print("epoch %2d  train ll %.4f acc %.3f   valid ll %.4f acc %.3f" % (
            epoch + 1, log_loss(y_tr, pt), accuracy_score(y_tr, pt > .5), log_loss(y_va, pv), accuracy_score(y_va, pv > .5)))
