# Neural variational document model on Reuters bodies (bag of words), held-out perplexity against the unigram model
import collections, gzip, math, os, re
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(10)
docs = []
with gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/reuters-21578-bodies.txt.gz", "rt", encoding="utf-8") as f:
    for block in f.read(7_000_000).split("\n\n"):
        ws = re.findall(r"[a-z]{3,}", block.lower())
        if len(ws) >= 40:
            docs.append(ws[:150])
docs = list({" ".join(d): d for d in docs}.values())[:4400]
df = collections.Counter(w for d in docs for w in set(d))
vocab = [w for w, c in df.most_common(1060) if c < .45 * len(docs)][:1000]
ix = {w: i for i, w in enumerate(vocab)}
B = torch.zeros(len(docs), len(vocab))
for r, d in enumerate(docs):
    for w in d:
        if w in ix:
            B[r, ix[w]] += 1
B = B[B.sum(1) >= 15]
B = B[torch.randperm(len(B))]
train, test = B[:-500], B[-500:]

class NVDM(nn.Module):
    def __init__(self, V, h=96, k=24):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, h), nn.Softplus(), nn.Dropout(.3))
        self.mu, self.lv = nn.Linear(h, k), nn.Linear(h, k)
        nn.init.zeros_(self.lv.weight)
        self.topics = nn.Embedding(V, k)
        nn.init.normal_(self.topics.weight, std=.05)
        self.bias = nn.Parameter((train.sum(0) + 1).log())
    def forward(self, b):
        h = self.enc(torch.log1p(b))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (lv / 2).exp()
        logp = F.log_softmax(z @ self.topics.weight.T + self.bias, 1)
        rec = -(b * logp).sum(1)
        kl = .5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
        return rec, kl

model = NVDM(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)

def perplexity(b):
    model.eval()
    with torch.no_grad():
        rec, kl = model(b)
    return math.exp(((rec + kl).sum() / b.sum()).item())

uni = torch.log_softmax((train.sum(0) + 1).log(), 0)
print(len(train), "training documents; unigram perplexity %.1f" % math.exp(-(test * uni).sum().item() / test.sum().item()))
step = 0
for epoch in range(14):
    model.train()
    R = K = 0
    for b in train[torch.randperm(len(train))].split(100):
        rec, kl = model(b)
        beta = min(1.0, step / 150)
        loss = (rec + beta * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        R += rec.sum().item(); K += kl.sum().item(); step += 1
    if epoch == 9: opt.param_groups[0]["lr"] = 5e-4
    print("epoch %d  reconstruction %.1f  kl %.2f  perplexity bound train %.1f test %.1f" % (epoch, R / len(train), K / len(train), perplexity(train[:500]), perplexity(test)))
for k in range(3):
    print([vocab[i] for i in model.topics.weight[:, k].topk(7).indices])
