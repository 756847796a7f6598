import gzip
import math
import os
import random
from collections import Counter
from dataclasses import dataclass, asdict

import torch
from torch import nn
from torch.nn import functional as F

# caption language model, GRU with tied input/output table and label smoothing


@dataclass
class Conf:
    seed: int = 21
    n_train: int = 3000
    n_valid: int = 400
    vocab: int = 600
    dim: int = 48
    dropout: float = 0.2
    smoothing: float = 0.05
    lr: float = 8e-3
    epochs: int = 4
    batch: int = 50
    max_len: int = 13


conf = Conf()
print(asdict(conf))
random.seed(conf.seed)
torch.manual_seed(conf.seed)
PAD, UNK, BOS, EOS = range(4)


def captions(n):
    seen, out = set(), []
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "train.en.gz")
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            toks = line.lower().replace(".", " .").replace(",", " ,").split()
            if 5 <= len(toks) <= conf.max_len and tuple(toks) not in seen:
                seen.add(tuple(toks))
                out.append(toks)
            if len(out) == n:
                break
    random.shuffle(out)
    return out


caps = captions(conf.n_train + conf.n_valid)
train_caps, valid_caps = caps[conf.n_valid:], caps[:conf.n_valid]
freq = Counter(w for c in train_caps for w in c)
itos = ["<pad>", "<unk>", "<s>", "</s>"] + [w for w, _ in freq.most_common(conf.vocab - 4)]
stoi = {w: i for i, w in enumerate(itos)}


def batchify(caps, shuffle):
    order = random.sample(range(len(caps)), len(caps)) if shuffle else list(range(len(caps)))
    for i in range(0, len(order), conf.batch):
        seqs = [[BOS] + [stoi.get(w, UNK) for w in caps[j]] + [EOS] for j in order[i:i + conf.batch]]
        T = max(map(len, seqs))
        t = torch.tensor([s + [PAD] * (T - len(s)) for s in seqs])
        yield t[:, :-1], t[:, 1:]


class TiedLM(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.table = nn.Embedding(len(itos), c.dim, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=c.dim ** -0.5)
        self.drop = nn.Dropout(c.dropout)
        self.rnn = nn.GRU(c.dim, 2 * c.dim, batch_first=True)
        self.back = nn.Linear(2 * c.dim, c.dim)
        self.out = nn.Linear(c.dim, len(itos))
        self.out.weight = self.table.weight

    def forward(self, x, h=None):
        y, h = self.rnn(self.drop(self.table(x)) * 3.0, h)
        return self.out(self.drop(self.back(y))), h


lm = TiedLM(conf)
optim = torch.optim.Adam(lm.parameters(), lr=conf.lr, betas=(0.9, 0.98))
n_steps = conf.epochs * math.ceil(len(train_caps) / conf.batch)
warm = n_steps // 10
sched = torch.optim.lr_scheduler.LambdaLR(optim, lambda s: min((s + 1) / warm, max(0.02, 1 - (s - warm) / (n_steps - warm))))
print("train", len(train_caps), "valid", len(valid_caps), "vocab", len(itos), "steps", n_steps)


def evaluate(caps):
    lm.eval()
    nll = hit = n = 0
    with torch.no_grad():
        for x, y in batchify(caps, False):
            out, _ = lm(x)
            use = y != PAD
            nll += F.cross_entropy(out[use], y[use], reduction="sum").item()
            hit += (out.argmax(-1)[use] == y[use]).sum().item()
            n += use.sum().item()
    return math.exp(nll / n), hit / n


for ep in range(conf.epochs):
    lm.train()
    for x, y in batchify(train_caps, True):
        out, _ = lm(x)
        loss = F.cross_entropy(out.flatten(0, 1), y.flatten(), ignore_index=PAD, label_smoothing=conf.smoothing)
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        optim.step()
        sched.step()
    ppl, acc = evaluate(valid_caps)
    print(f"epoch {ep + 1}  last batch loss {loss.item():.3f}  valid perplexity {ppl:.1f}  next word acc {acc:.3f}")

tp, ta = evaluate(train_caps[:500])
uni = Counter(w for c in valid_caps for w in c + ["</s>"])
print(f"train perplexity {tp:.1f} acc {ta:.3f} | valid perplexity {ppl:.1f} acc {acc:.3f}")
total = sum(freq.values()) + len(train_caps)
floor = {w: math.log((freq[w] if w != "</s>" else len(train_caps)) / total) for w in itos if freq[w] or w == "</s>"}
rest = math.log((total - sum(freq[w] for w in itos) - len(train_caps)) / total)
ent = -sum(k * floor.get(w, rest) for w, k in uni.items()) / sum(uni.values())
print(f"unigram perplexity {math.exp(ent):.1f}")

x, words = torch.tensor([[BOS]]), []
h = None
lm.eval()
with torch.no_grad():
    while len(words) < 15:
        out, h = lm(x, h)
        out[..., UNK] = -1e9
        x = out[:, -1].argmax(-1, keepdim=True)
        if x.item() == EOS:
            break
        words.append(itos[x.item()])
print("greedy:", " ".join(words))
