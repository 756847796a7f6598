"""Feed-forward trigram-context language model on image captions (after Bengio 2003), tied output weights."""
import gzip
import math
import os
from collections import Counter
import torch
from torch import nn

torch.manual_seed(42)
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(name, limit=None):
    with gzip.open(os.path.join(root, name), "rt", encoding="utf-8") as f:
        lines = [l.lower().replace(".", " .").replace(",", " ,").split() for l in f]
    return lines[:limit]


train, valid = read("train.en.gz", 4000), read("val.en.gz")
seen = {tuple(s) for s in train}
valid = [s for s in valid if tuple(s) not in seen]
counts = Counter(w for s in train for w in s)
itos = ["<unk>", "<s>", "</s>"] + [w for w, _ in counts.most_common(397)]
stoi = {w: i for i, w in enumerate(itos)}
CONTEXT = 3


def windows(sents):
    ctx, nxt = [], []
    for s in sents:
        ids = [1] * CONTEXT + [stoi.get(w, 0) for w in s] + [2]
        for i in range(CONTEXT, len(ids)):
            ctx.append(ids[i - CONTEXT:i])
            nxt.append(ids[i])
    return torch.tensor(ctx), torch.tensor(nxt)


class NPLM(nn.Module):
    def __init__(self, V, d=40, h=64):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        nn.init.normal_(self.emb.weight, std=d ** -0.5)
        self.hid = nn.Linear(CONTEXT * d, h)
        self.back = nn.Linear(h, d)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(d, V)
        self.head.weight = self.emb.weight

    def forward(self, c):
        e = self.emb(c).flatten(1)
        return self.head(self.back(self.drop(torch.tanh(self.hid(e)))))


xtr, ytr = windows(train)
xva, yva = windows(valid)
print(len(xtr), "training positions,", len(xva), "validation positions")
freq = torch.bincount(ytr, minlength=len(itos)).float() + 1
print("unigram perplexity: %.1f" % math.exp(-(freq / freq.sum()).log()[yva].mean().item()))

lm = NPLM(len(itos))
criterion = nn.CrossEntropyLoss()
BS, EPOCHS = 256, 3
steps = EPOCHS * math.ceil(len(xtr) / BS)
optimizer = torch.optim.AdamW(lm.parameters(), lr=6e-3, weight_decay=0.01)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=steps, pct_start=0.1)


def perplexity(x, y):
    lm.eval()
    with torch.no_grad():
        s = sum(nn.functional.cross_entropy(lm(a), b, reduction="sum").item()
                for a, b in zip(x.split(2048), y.split(2048)))
    return math.exp(s / len(y))


for epoch in range(EPOCHS):
    lm.train()
    for idx in torch.randperm(len(xtr)).split(BS):
        loss = criterion(lm(xtr[idx]), ytr[idx])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
    print("epoch %d  valid ppl %.2f" % (epoch + 1, perplexity(xva, yva)))
print("train ppl %.2f (sample)  valid ppl %.2f" % (perplexity(xtr[:12000], ytr[:12000]), perplexity(xva, yva)))
