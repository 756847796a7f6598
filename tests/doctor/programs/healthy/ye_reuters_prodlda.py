"""ProdLDA (Srivastava & Sutton 2017) on newswire. Compares held-out perplexity with a unigram model."""
import os, gzip, re, math
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import CountVectorizer, ENGLISH_STOP_WORDS


@dataclass
class Config:
    lines: int = 52000
    vocab: int = 600
    topics: int = 15
    hidden: int = 64
    batch: int = 64
    epochs: int = 8
    lr: float = 0.01
    kl_weight: float = 1.0
    seed: int = 21


class ProdLDA(nn.Module):
    def __init__(self, v, c: Config):
        super().__init__()
        k = c.topics
        self.enc = nn.Sequential(nn.Linear(v, c.hidden), nn.Softplus(), nn.Linear(c.hidden, c.hidden), nn.Softplus(), nn.Dropout(0.1))
        self.mu = nn.Sequential(nn.Linear(c.hidden, k), nn.BatchNorm1d(k, affine=False))
        self.lv = nn.Sequential(nn.Linear(c.hidden, k), nn.BatchNorm1d(k, affine=False))
        self.beta = nn.Linear(k, v)
        # Laplace approximation of a symmetric Dirichlet prior
        a = 0.1
        self.register_buffer("prior_mu", torch.zeros(k))
        self.register_buffer("prior_var", torch.full((k,), (1 / a) * (1 - 2 / k) + 1 / (k * a)))

    def forward(self, x):
        h = self.enc(torch.log1p(x))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        theta = torch.softmax(z, -1)
        logp = torch.log_softmax(self.beta(theta), -1)
        nll = -(x * logp).sum(-1)
        kl = 0.5 * ((lv.exp() + (mu - self.prior_mu) ** 2) / self.prior_var - 1 + self.prior_var.log() - lv).sum(-1)
        return nll, kl


def stories(c):
    out, now = [], []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "reuters-21578-bodies.txt.gz"), "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i >= c.lines:
                break
            if line.strip():
                now.append(line.strip())
            elif now:
                out.append(" ".join(now)); now = []
    return list(dict.fromkeys(out))


def main(c=Config()):
    torch.manual_seed(c.seed)
    docs = stories(c)
    cv = CountVectorizer(max_features=c.vocab, stop_words=list(ENGLISH_STOP_WORDS | {"said", "reuter", "mln", "dlrs"}),
                         token_pattern=r"[A-Za-z]{3,}")
    counts = cv.fit_transform(docs).toarray().astype(np.float32)
    counts = np.unique(counts[counts.sum(1) >= 15], axis=0)            # no twin stories
    counts = torch.from_numpy(counts)[torch.randperm(len(counts))]
    test, train = counts[:300], counts[300:]
    print(len(train), "stories,", len(test), "held out")
    uni = (train.sum(0) + 1).log() - (train.sum(0) + 1).sum().log()
    print("unigram perplexity %.1f" % math.exp(-(test * uni).sum() / test.sum()))

    net = ProdLDA(counts.shape[1], c)
    with torch.no_grad():
        net.beta.bias.copy_(uni)
    opt = torch.optim.Adam(net.parameters(), lr=c.lr, betas=(0.95, 0.999))
    steps = c.epochs * (len(train) // c.batch)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, 2 * (1 - s / steps)))
    for epoch in range(c.epochs):
        net.train()
        losses = []
        for idx in torch.randperm(len(train)).split(c.batch)[:len(train) // c.batch]:
            nll, kl = net(train[idx])
            loss = (nll + c.kl_weight * kl).mean()
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            ppl = [math.exp(net(d)[0].sum() / d.sum()) for d in (train, test)]
        print(f"epoch {epoch}  -ELBO {np.mean(losses):.2f}  perplexity train {ppl[0]:.1f} test {ppl[1]:.1f}")
    names = cv.get_feature_names_out()
    for k in net.beta.weight.detach().T[:5]:
        print("  topic:", " ".join(names[i] for i in k.topk(7).indices))


if __name__ == "__main__":
    main()
