# CS course, assignment 2: feed-forward neural language model (Bengio 2003) on image captions
import os, gzip, re, math
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1); np.random.seed(1)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "train.en.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    sents = [re.findall(r"[a-z]+|[.,]", l.lower()) for _, l in zip(range(5500), f)]

V = 400
freq = Counter(w for s in sents[:5000] for w in s)
itos = ["<s>", "<unk>"] + [w for w, _ in freq.most_common(V - 2)]
stoi = {w: i for i, w in enumerate(itos)}


def windows(sents, n=3):
    ctx, nxt = [], []
    for s in sents:
        ids = [0] * n + [stoi.get(w, 1) for w in s]
        for i in range(n, len(ids)):
            if ids[i] == 1:          # do not learn to predict <unk>
                continue
            ctx.append(ids[i - n:i]); nxt.append(ids[i])
    return torch.tensor(ctx), torch.tensor(nxt)


Xtr, Ytr = windows(sents[:5000])
Xde, Yde = windows(sents[5000:])
print("train", tuple(Xtr.shape), "dev", tuple(Xde.shape))


class NNLM(nn.Module):
    def __init__(self, V, d=24, h=64, n=3):
        super().__init__()
        self.C = nn.Embedding(V, d)
        self.H = nn.Linear(n * d, h)
        self.U = nn.Linear(h, V)

    def forward(self, x):
        z = self.C(x).view(x.size(0), -1)
        # fault:
        return F.softmax(self.U(torch.tanh(self.H(z))), dim=1)
        # mended:
        # return self.U(torch.tanh(self.H(z)))
        # end


model = NNLM(V)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
B = 256


def evaluate():
    model.eval()
    with torch.no_grad():
        out = model(Xde)
        return math.exp(criterion(out, Yde).item()), (out.argmax(1) == Yde).float().mean().item()


for epoch in range(4):
    model.train()
    perm = torch.randperm(len(Ytr))
    acc_loss, steps = 0.0, 0
    for i in range(0, len(perm) - B + 1, B):
        j = perm[i:i + B]
        loss = criterion(model(Xtr[j]), Ytr[j])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        acc_loss += loss.item(); steps += 1
    scheduler.step()
    ppl, acc = evaluate()
    print("epoch %d  train ppl %.1f  dev ppl %.1f  dev top-1 %.3f" % (epoch, math.exp(acc_loss / steps), ppl, acc))

common = Ytr.bincount().argmax()
print("most common word:", itos[common], "top-1 %.3f" % (Yde == common).float().mean())
with torch.no_grad():
    for c in (["a", "man", "in"], ["is", "sitting", "on"], ["a", "group", "of"]):
        p = model(torch.tensor([[stoi[w] for w in c]]))[0].topk(4).indices
        print(" ".join(c), "->", [itos[k] for k in p])
