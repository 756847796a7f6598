"""Word language model on short Tatoeba sentences; input and output table are shared (weight tying)"""
import collections
import gzip
import math
import os
import random
import re
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Hyper:
    dim: int = 64
    vocab: int = 900
    n_train: int = 9000
    n_valid: int = 1000
    batch: int = 64
    lr: float = 8e-3
    epochs: int = 3
    dropout: float = 0.3
    seed: int = 1234


hp = Hyper()
random.seed(hp.seed)
torch.manual_seed(hp.seed)
PAD, BOS, EOS, UNK = range(4)


def read_sentences():
    seen = []
    last = None
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            en = line.split("\t")[0]
            if en == last:
                continue
            last = en
            toks = tuple(re.findall(r"[a-z']+|[.?!]", en.lower()))
            if 3 <= len(toks) <= 8:
                seen.append(toks)
            if len(seen) > 40000:
                break
    seen = sorted(set(seen))
    random.shuffle(seen)
    return seen[:hp.n_train], seen[hp.n_train:hp.n_train + hp.n_valid]


train, valid = read_sentences()
freq = collections.Counter(t for s in train for t in s)
itos = ["<pad>", "<s>", "</s>", "<unk>"] + [w for w, _ in freq.most_common(hp.vocab - 4)]
stoi = {w: i for i, w in enumerate(itos)}
print("train", len(train), "valid", len(valid), "vocab", len(itos))


def tensorize(sents):
    rows = [[BOS] + [stoi.get(t, UNK) for t in s] + [EOS] for s in sents]
    width = max(map(len, rows))
    return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])


class TiedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(itos), hp.dim, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[PAD].zero_()
        self.rnn = nn.GRU(hp.dim, hp.dim, batch_first=True)
        self.drop = nn.Dropout(hp.dropout)
        self.decoder = nn.Linear(hp.dim, len(itos))
        self.decoder.weight = self.table.weight

    def forward(self, x):
        h, _ = self.rnn(self.drop(self.table(x)))
        return self.decoder(self.drop(h))


def nll(model, batch):
    logits = model(batch[:, :-1])
    return F.cross_entropy(logits.reshape(-1, logits.size(2)), batch[:, 1:].reshape(-1), ignore_index=PAD)


@torch.no_grad()
def perplexity(model, sents):
    model.eval()
    total = n = 0
    for i in range(0, len(sents), 250):
        b = tensorize(sents[i:i + 250])
        k = (b[:, 1:] != PAD).sum().item()
        total += nll(model, b).item() * k
        n += k
    return math.exp(total / n)


uni = collections.Counter(t for s in train for t in tensorize([s])[0, 1:].tolist())
mass = sum(uni.values()) + len(itos)
val_ids = [t for s in valid for t in tensorize([s])[0, 1:].tolist()]
base = math.exp(-sum(math.log((uni[t] + 1) / mass) for t in val_ids) / len(val_ids))
print(f"unigram perplexity {base:.1f}")

model = TiedLM()
opt = torch.optim.Adam(model.parameters(), lr=hp.lr)
steps = hp.epochs * math.ceil(len(train) / hp.batch)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, hp.lr, total_steps=steps, pct_start=0.15)
for epoch in range(hp.epochs):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), hp.batch):
        loss = nll(model, tensorize(train[i:i + hp.batch]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
    print(f"epoch {epoch + 1}: train ppl {perplexity(model, train[:2000]):.1f} valid ppl {perplexity(model, valid):.1f}")

model.eval()
torch.set_grad_enabled(False)
for start in (["i"], ["tom", "is"], ["do", "you"]):
    ids = [BOS] + [stoi[w] for w in start]
    while ids[-1] != EOS and len(ids) < 12:
        scores = model(torch.tensor([ids]))[0, -1]
        scores[UNK] = -1e9  # never say <unk>
        ids.append(scores.argmax().item())
    print("   ", " ".join(itos[i] for i in ids[1:]))
print(f"FINAL valid perplexity {perplexity(model, valid):.2f} (unigram {base:.1f})")
