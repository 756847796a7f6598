"""Word language model on Multi30k captions (English), tied input and output vectors, no bias, masked loss; perplexity on the validation captions."""
import collections
import gzip
import math
import os
import random
import re
import torch
import torch.nn as nn

random.seed(60); torch.manual_seed(60)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")


def read(name, n):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"[a-z]+|[.,]", line.lower()) for _, line in zip(range(n), f)]


train, val = read("train.en.gz", 4000), read("val.en.gz", 500)
freq = collections.Counter(w for s in train for w in s)
itos = ["<pad>", "<s>", "<unk>"] + [w for w, _ in freq.most_common(500)]
stoi = {w: i for i, w in enumerate(itos)}


def batch(sents):
    rows = [torch.tensor([1] + [stoi.get(w, 2) for w in s] + [1]) for s in sents]     # <s> opens and closes
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


class TiedLM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(itos), d, padding_idx=0)
        nn.init.normal_(self.emb.weight, std=d ** -0.5)
        with torch.no_grad():
            self.emb.weight[0] = 0
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        h, _ = self.rnn(self.drop(self.emb(x)))
        return self.drop(h) @ self.emb.weight.t() * 2.0


def loss_on(model, x):
    return nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)


model = TiedLM()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
print("unigram perplexity %.0f" % math.exp(-sum(c * math.log(c / sum(freq.values())) for c in freq.values()) / sum(freq.values())))
for epoch in range(6):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 50):
        loss = loss_on(model, batch(train[k:k + 50]))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        v = sum(loss_on(model, batch(val[k:k + 100])).item() for k in range(0, len(val), 100)) / 5
    sched.step()
    print(f"epoch {epoch} train {math.exp(tot * 50 / len(train)):.1f} val ppl {math.exp(v):.1f}")
