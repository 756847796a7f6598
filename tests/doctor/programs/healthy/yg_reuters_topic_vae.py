# Neural topic model (ProdLDA flavour) on Reuters newswire. ELBO with Gaussian posterior, BatchNorm on the logits.
import gzip, os, re, math
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1999)
N_DOCS, VOCAB, TOPICS = 2900, 400, 10

docs, cur = [], []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "reuters-21578-bodies.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        if line.strip():
            cur.append(line)
        elif cur:
            docs.append(re.findall(r"[a-z]{3,}", " ".join(cur).lower()))
            cur = []
        if len(docs) >= N_DOCS * 2:
            break
docs = [list(t) for t in dict.fromkeys(tuple(d) for d in docs) if len(t) >= 25][:N_DOCS]
df = Counter(w for d in docs[:-600] for w in set(d))
top = [w for w, c in df.most_common(VOCAB + 60) if c < 0.5 * len(docs)][:VOCAB]
ix = {w: i for i, w in enumerate(top)}


def counts(ds):
    M = torch.zeros(len(ds), len(ix))
    for r, d in enumerate(ds):
        for w in d:
            if w in ix:
                M[r, ix[w]] += 1
    return M[M.sum(1) >= 8]


train, held = counts(docs[:-600]), counts(docs[-600:])
print("train", tuple(train.shape), "held-out", tuple(held.shape))


class Encoder(nn.Module):
    def __init__(self, v, k):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(v, 64), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.logvar = nn.Linear(64, k), nn.Linear(64, k)

    def forward(self, bow):
        h = self.body(torch.log1p(bow))
        return self.mu(h), self.logvar(h).clamp(-6, 3)


class TopicVAE(nn.Module):
    def __init__(self, v, k):
        super().__init__()
        self.enc, self.beta = Encoder(v, k), nn.Linear(k, v, bias=True)
        freq = train.sum(0) + 1
        self.beta.bias.data.copy_(torch.log(freq / freq.sum()))      # start at the unigram model

    def elbo(self, bow, warm=1.0):
        mu, lv = self.enc(bow)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        logp = F.log_softmax(self.beta(z), -1)
        rec = -(bow * logp).sum(1)
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
        return rec + warm * kl, rec, kl


uni = (train.sum(0) + 1) / (train.sum(0) + 1).sum()
base = math.exp(-(held * uni.log()).sum() / held.sum())
net = TopicVAE(len(ix), TOPICS)
optimiser = torch.optim.Adam(net.parameters(), lr=4e-3, betas=(0.95, 0.999))
E = 9
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 8e-3, total_steps=E * math.ceil(len(train) / 100))
for ep in range(E):
    net.train()
    for rows in torch.randperm(len(train)).split(100):
        neg, _, _ = net.elbo(train[rows], warm=min(1.0, 0.3 + ep / 4))
        loss = neg.mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 20.)
        optimiser.step()
        schedule.step()
    net.eval()
    with torch.no_grad():
        t, (n, r, k) = net.elbo(train)[0], net.elbo(held)
        print(f"{ep:2d} elbo/word train {-(t.sum() / train.sum()):.3f} held {-(n.sum() / held.sum()):.3f}  kl {k.mean():.2f}"
              f"  bound on ppl {math.exp(n.sum() / held.sum()):.1f} (unigram {base:.1f})")
for k in range(4):
    print("topic", k, " ".join(top[i] for i in net.beta.weight[:, k].topk(7).indices))
