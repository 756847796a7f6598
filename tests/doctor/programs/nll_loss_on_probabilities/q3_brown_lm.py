"""Feed-forward trigram language model on a slice of the Brown corpus (Bengio style, small)."""
import gzip
import os
import re
from collections import Counter
from itertools import islice
from pathlib import Path
import torch
from torch import nn
import torch.nn.functional as F

DATA = Path(os.environ["WORDFIT_DATA"])
V, D, H, CTX = 250, 24, 48, 2


def read(lo, hi):
    with gzip.open(DATA / "corpora" / "brown.txt.gz", "rt", encoding="utf-8") as f:
        for line in islice(f, lo, hi):
            toks = re.findall(r"[a-z']+|[.,;?!]", line.lower())
            if len(toks) > 3:
                yield toks


class Vocabulary:
    def __init__(self, sents, size):
        top = Counter(t for s in sents for t in s).most_common(size - 2)
        self.itos = ["<s>", "<unk>"] + [t for t, _ in top]
        self.stoi = {t: i for i, t in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def encode(self, s):
        return [self.stoi.get(t, 1) for t in s]


def windows(sents, vocab):
    ctx, nxt = [], []
    for s in sents:
        ids = [0] * CTX + vocab.encode(s)
        for i in range(CTX, len(ids)):
            if ids[i] != 1:                      # unknown words are read but not predicted
                ctx.append(ids[i - CTX : i])
                nxt.append(ids[i])
    return torch.tensor(ctx), torch.tensor(nxt)


class TrigramNet(nn.Module):
    """returns the distribution over the next word"""

    def __init__(self, v):
        super().__init__()
        self.lookup = nn.Embedding(v, D)
        self.hidden = nn.Linear(CTX * D, H)
        self.score = nn.Linear(H, v)
        nn.init.normal_(self.lookup.weight, std=0.3)

    def forward(self, ctx):
        h = torch.tanh(self.hidden(self.lookup(ctx).flatten(1)))
        return F.softmax(self.score(h), dim=-1)


def objective(probs, target):
    # fault:
    return F.nll_loss(probs, target)
    # mended:
    #return F.nll_loss(torch.log(probs + 1e-9), target)
    # end


@torch.no_grad()
def perplexity(net, ctx, nxt):
    net.eval()
    lp, hit = 0.0, 0
    for c, n in zip(ctx.split(2048), nxt.split(2048)):
        p = net(c)
        lp -= p.gather(1, n[:, None]).clamp_min(1e-9).log().sum().item()
        hit += (p.argmax(1) == n).sum().item()
    return torch.tensor(lp / len(nxt)).exp().item(), hit / len(nxt)


def main():
    torch.manual_seed(21)
    train_s, dev_s = list(read(0, 1900)), list(read(2200, 2500))
    vocab = Vocabulary(train_s, V)
    xc, xn = windows(train_s, vocab)
    dc, dn = windows(dev_s, vocab)
    net = TrigramNet(len(vocab))
    opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-5)
    epochs, bs = 5, 200
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * (len(xn) // bs + 1))
    uni = torch.bincount(xn, minlength=len(vocab)).float() + 0.1
    uni = uni / uni.sum()
    print(f"{len(xn)} windows, unigram perplexity {(-uni[dn].log().mean()).exp():.1f}, "
          f"most common word {(dn == uni.argmax()).float().mean():.3f}")
    for ep in range(epochs):
        net.train()
        total = 0.0
        for b in torch.randperm(len(xn)).split(bs):
            loss = objective(net(xc[b]), xn[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(b)
        ppl, acc = perplexity(net, dc, dn)
        print(f"epoch {ep + 1} train loss {total / len(xn):.4f} dev ppl {ppl:.1f} top1 {acc:.3f}")
    print("train ppl %.1f top1 %.3f" % perplexity(net, xc, xn))


if __name__ == "__main__":
    main()
