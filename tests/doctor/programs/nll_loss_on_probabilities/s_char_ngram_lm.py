"""Bengio (2003) style character model of the Brown corpus: five characters in, the next one out.

blog version, https-free: everything in one file, about a minute of reading
"""
import gzip
import math
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

CONTEXT, EMB, HIDDEN = 5, 12, 96
device = torch.device("cpu")
torch.manual_seed(1337)

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt", encoding="utf-8") as f:
    raw = f.read(48000).lower()
text = "".join(c if c.isalpha() else " " for c in raw)
text = " ".join(text.split())
chars = sorted(set(text))
c2i = {c: i for i, c in enumerate(chars)}
data = torch.tensor([c2i[c] for c in text])
cut = int(0.85 * len(data))
train, valid = data[:cut], data[cut:]
print(f"{len(text)} characters, alphabet of {len(chars)}")


def windows(stream):
    w = stream.unfold(0, CONTEXT + 1, 1)
    return w[:, :-1], w[:, -1]


class NGram(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.C = nn.Embedding(v, EMB)
        self.H = nn.Linear(CONTEXT * EMB, HIDDEN)
        self.U = nn.Linear(HIDDEN, v)

    def forward(self, ctx):
        e = self.C(ctx).view(ctx.shape[0], -1)
        z = self.U(torch.tanh(self.H(e)))
        # fault:
        return F.softmax(z, dim=-1)
        # mended:
        # return F.log_softmax(z, dim=-1)
        # end


model = NGram(len(chars)).to(device)
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.55)


def run(stream, learn):
    X, Y = windows(stream)
    model.train(learn)
    order = torch.randperm(len(X)) if learn else torch.arange(len(X))
    total = hits = 0
    with torch.set_grad_enabled(learn):
        for idx in order.split(128):
            out = model(X[idx].to(device))
            loss = criterion(out, Y[idx].to(device))
            if learn:
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            total += loss.item() * len(idx)
            hits += (out.argmax(-1) == Y[idx]).sum().item()
    return total / len(X), hits / len(X)


for epoch in range(4):
    tl, ta = run(train, True)
    vl, va = run(valid, False)
    scheduler.step()
    print(f"epoch {epoch + 1} | train {tl:.3f} acc {ta:.3f} | valid {vl:.3f} acc {va:.3f} | bits/char {vl / math.log(2):.3f}")

# a taste
ctx = [c2i[c] for c in "the c"]
for _ in range(40):
    with torch.no_grad():
        ctx.append(model(torch.tensor([ctx[-CONTEXT:]])).argmax().item())
print("".join(chars[i] for i in ctx))
