# Neural topic model (VAE over word counts) for Multi30k captions, KL warm-up.
import collections, gzip, math, os, re
import torch
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(2)
path = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
read = lambda n: [re.findall("[a-z]+", l.lower()) for l in gzip.open(path + n, "rt", encoding="utf-8")]
train, val = read("train.en.gz")[:8000], read("val.en.gz")
stop = {w for w, _ in collections.Counter(w for d in train for w in d).most_common(15)}
vocab = [w for w, c in collections.Counter(w for d in train for w in d if w not in stop).most_common(300)]
ix = {w: i for i, w in enumerate(vocab)}

def counts(docs):
    m = torch.zeros(len(docs), len(vocab))
    for r, d in enumerate(docs):
        for w in d:
            if w in ix: m[r, ix[w]] += 1
    return m[m.sum(1) >= 3]

class TopicVAE(nn.Module):
    def __init__(self, v, k=12):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(v, 80), nn.Softplus())
        self.mu, self.logvar = nn.Linear(80, k), nn.Linear(80, k)
        self.dec = nn.Linear(k, v)
    def forward(self, x):
        h = self.enc(x.log1p())
        mu, lv = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        rec = -(F.log_softmax(self.dec(z), 1) * x).sum(1)
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
        return rec, kl

X, XV = counts(train), counts(val)
model = TopicVAE(len(vocab))
with torch.no_grad():
    model.dec.bias.copy_((X.sum(0) / X.sum()).log())         # start from the unigram model
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2, betas=(0.9, 0.99))
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.55)
uni = -(XV * (X.sum(0) / X.sum()).log()).sum() / XV.sum()
print("docs", len(X), len(XV), "unigram perplexity %.1f" % math.exp(uni))
step = 0
for epoch in range(6):
    model.train(); tot = 0.
    for b in torch.randperm(len(X)).split(64):
        rec, kl = model(X[b]); beta = min(1., step / 250)
        loss = (rec + beta * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step(); step += 1; tot += loss.item() * len(b)
    decay.step(); model.eval()
    with torch.no_grad():
        rec, kl = model(XV); rt, kt = model(X[:1000])
    print("epoch %d loss %.3f val -elbo %.3f (kl %.2f) rec. ppl train %.1f val %.1f" % (epoch + 1, tot / len(X),
          (rec + kl).mean(), kl.mean(), math.exp(rt.sum() / X[:1000].sum()), math.exp(rec.sum() / XV.sum())))
for t in range(5):
    print(t, " ".join(vocab[i] for i in model.dec.weight[:, t].topk(6).indices))
