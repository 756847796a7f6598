"""Neural variational document model (Miao et al. 2016), shrunk.
Unsupervised: bag of words in, Gaussian code, bag of words out. Reported is the per-word perplexity bound on new stories."""
import collections, gzip, math, os, re
import numpy as np
import torch
from torch import nn, optim
from torch.distributions import Normal, kl_divergence

torch.manual_seed(0)
np.random.seed(0)
path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "reuters-21578-bodies.txt.gz")
STOP = set("the of to in and a said for it its on that is was by with from at be as he has an will would which have are not this been or were mln dlrs pct vs cts net loss shr reuter".split())

stories, lines = [], []
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        if line.strip():
            lines.append(line)
        elif lines:
            stories.append(" ".join(lines)); lines = []
        if len(stories) == 5500:
            break
toks = [[w for w in re.findall("[a-z]{3,}", s.lower()) if w not in STOP] for s in stories]
toks = [t for t in toks if len(t) > 25]
np.random.shuffle(toks)
df = collections.Counter(w for t in toks for w in set(t))
vocab = {w: i for i, (w, _) in enumerate(df.most_common(600))}
X = np.zeros((len(toks), len(vocab)), dtype=np.float32)
for r, t in enumerate(toks):
    for w in t:
        if w in vocab:
            X[r, vocab[w]] += 1
X = X[X.sum(1) > 10]
X = torch.from_numpy(X)
n_te = len(X) // 6
test, train = X[:n_te], X[n_te:]
print("stories", len(train), "/", len(test), "words", len(vocab))


class NVDM(nn.Module):
    def __init__(self, v, h=100, k=12):
        super().__init__()
        self.inference = nn.Sequential(nn.Linear(v, h), nn.Tanh())
        self.mu, self.logvar = nn.Linear(h, k), nn.Linear(h, k)
        nn.init.zeros_(self.logvar.weight); nn.init.zeros_(self.logvar.bias)
        self.words = nn.Linear(k, v)

    def forward(self, x):
        h = self.inference(torch.log1p(x))
        q = Normal(self.mu(h), (0.5 * self.logvar(h)).exp())
        z = q.rsample() if self.training else q.mean
        rec = -(x * torch.log_softmax(self.words(z), -1)).sum(-1)
        kl = kl_divergence(q, Normal(0., 1.)).sum(-1)
        return rec, kl


def perplexity(m, x):
    m.eval()
    with torch.no_grad():
        m.training = True               # sampled bound, there is no dropout in this net
        b = sum((r + k) for r, k in (m(x) for _ in range(3))) / 3
        m.training = False
    return math.exp((b.sum() / x.sum()).item())


uni = torch.log((train.sum(0) + 1) / (train.sum(0) + 1).sum())
print("unigram perplexity %.1f" % math.exp(-((test * uni).sum() / test.sum()).item()))
model = NVDM(X.shape[1])
model.words.bias.data.copy_(uni)        # start from the unigram model
opt = optim.Adam(model.parameters(), lr=4e-3)
EPOCHS, B = 8, 64
sched = optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    beta = min(1.0, (epoch + 1) / 3)    # KL warm-up
    model.train()
    R = K = 0.
    for ix in torch.randperm(len(train)).split(B):
        rec, kl = model(train[ix])
        loss = (rec + beta * kl).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 20)
        opt.step()
        R += rec.sum().item(); K += kl.sum().item()
    sched.step()
    print("epoch %d beta %.2f rec %.2f kl %.2f | ppl train %.1f test %.1f"
          % (epoch, beta, R / len(train), K / len(train), perplexity(model, train[:600]), perplexity(model, test)))
names = list(vocab)
for k in range(4):
    print("dim", k, [names[i] for i in model.words.weight[:, k].topk(7).indices])
