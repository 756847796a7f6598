# Neural variational document model on Reuters; compared with the unigram distribution on held-out stories
import collections, gzip, os, re, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

STOP = set("the of to and in a said it for on is that by from be at was with its as will would has have had not an or but which are he this were been they their than also about after up under one two more".split())


class Corpus:
    def __init__(self, path, n_docs=1800, n_words=600):
        docs, cur = [], []
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as f:
            for line in f:
                if line.strip():
                    cur.append(line)
                elif cur:
                    docs.append(" ".join(cur)); cur = []
                    if len(docs) > 2 * n_docs: break
        toks = [[w for w in re.findall(r"[a-z]{3,}", d.lower()) if w not in STOP] for d in docs]
        toks = [list(t) for t in dict.fromkeys(tuple(t) for t in toks) if len(t) > 40][:n_docs]
        freq = collections.Counter(w for t in toks for w in set(t))
        self.words = [w for w, _ in freq.most_common(n_words)]
        ix = {w: i for i, w in enumerate(self.words)}
        self.counts = torch.zeros(len(toks), n_words)
        for r, t in enumerate(toks):
            for w in t:
                if w in ix: self.counts[r, ix[w]] += 1
        self.counts = self.counts[self.counts.sum(1) > 10]


class NVDM(nn.Module):
    def __init__(self, v, k, h):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(v, h), nn.Softplus(), nn.Dropout(0.2))
        self.mu, self.lv = nn.Linear(h, k), nn.Linear(h, k)
        self.topics = nn.Linear(k, v)                      # the bias carries the background distribution

    def forward(self, x):
        h = self.enc(torch.log1p(x))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        logp = F.log_softmax(self.topics(z), 1)
        rec = -(x * logp).sum(1)
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
        return rec, kl


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        rec, kl = model(x)
    return float(torch.exp((rec + kl).sum() / x.sum()))


def main():
    torch.manual_seed(17); random.seed(17)
    x = Corpus(os.path.join(os.environ["WORDFIT_DATA"], "corpora/reuters-21578-bodies.txt.gz"))
    order = torch.randperm(len(x.counts))
    test, train = x.counts[order[:300]], x.counts[order[300:]]
    uni = (train.sum(0) + 1) / (train.sum() + train.size(1))
    print(f"{len(train)} train stories; unigram perplexity on test {torch.exp(-(test @ uni.log()).sum() / test.sum()):.1f}")
    net = NVDM(train.size(1), 12, 64)
    with torch.no_grad():
        net.topics.bias.copy_(uni.log())
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    EPOCHS = 8
    sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
    for ep in range(EPOCHS):
        net.train()
        warm = min(1.0, (ep + 1) / 3)
        tot = 0.0
        for b in torch.randperm(len(train)).split(40):
            rec, kl = net(train[b])
            loss = (rec + warm * kl).mean()
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b)
        sch.step()
        print(f"epoch {ep}: loss {tot / len(train):.2f}  ppl train {perplexity(net, train[:300]):.1f}  test {perplexity(net, test):.1f}")
    for row in net.topics.weight.T.topk(6).indices[:5]:
        print("  topic:", " ".join(x.words[i] for i in row))


main()
