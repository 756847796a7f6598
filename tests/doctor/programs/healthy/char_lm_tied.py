"""Character language model of picture captions, truncated BPTT over one long text, output tied to the embedding."""
import gzip
import math
import os
import torch
from torch import nn

torch.manual_seed(77)


def text(split, n):
    p = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", f"{split}.en.gz")
    with gzip.open(p, "rt", encoding="utf-8") as f:
        s = "".join(l.lower() for _, l in zip(range(n), f))
    return "".join(c for c in s if c in "abcdefghijklmnopqrstuvwxyz ,.'\n")


train_text, val_text = text("train", 2300), text("val", 400)
chars = sorted(set(train_text))
code = {c: i for i, c in enumerate(chars)}
BATCH, BPTT = 32, 40


def columns(s, width):
    d = torch.tensor([code[c] for c in s])
    n = len(d) // width
    return d[:n * width].view(width, n).t().contiguous()     # time first


train, val = columns(train_text, BATCH), columns(val_text, 10)


class CharLM(nn.Module):
    def __init__(self, n, d=64):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        nn.init.uniform_(self.emb.weight, -0.1, 0.1)
        self.rnn = nn.GRU(d, d)
        self.dec = nn.Linear(d, n)
        self.dec.weight = self.emb.weight

    def forward(self, x, h):
        y, h = self.rnn(self.emb(x), h)
        return self.dec(y), h


def bits(model, data):
    model.eval()
    h, total, n = None, 0.0, 0
    with torch.no_grad():
        for t in range(0, len(data) - 1, BPTT):
            k = min(BPTT, len(data) - 1 - t)
            out, h = model(data[t:t + k], h)
            total += nn.functional.cross_entropy(out.flatten(0, 1), data[t + 1:t + 1 + k].flatten(), reduction="sum").item()
            n += k * data.shape[1]
    model.train()
    return total / n / math.log(2)


freq = torch.bincount(train.flatten(), minlength=len(chars)) / train.numel()
p = freq[val.flatten()].clamp(min=1e-6)
print(f"unigram {-p.log2().mean().item():.3f} bits per character")
model = CharLM(len(chars))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 1, gamma=0.5)
for epoch in range(4):
    h, total, n = None, 0.0, 0
    for t in range(0, len(train) - 1 - BPTT, BPTT):
        if h is not None:
            h = h.detach()
        out, h = model(train[t:t + BPTT], h)
        loss = nn.functional.cross_entropy(out.flatten(0, 1), train[t + 1:t + 1 + BPTT].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        total += loss.item(); n += 1
    sched.step()
    print(f"epoch {epoch + 1}: train {total / n / math.log(2):.3f} bits, held-out {bits(model, val):.3f} bits per character")
