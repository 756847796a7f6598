# Softmax regression "from first principles" (chapter 2 of the notebook): no nn.Module, no optimizer.
# Which of three languages is a caption written in?
import gzip, os, random, re
import torch

random.seed(5)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/")
LANG = ["en", "de", "cs"]


def lines(split, n):
    out = []
    for y, l in enumerate(LANG):
        with gzip.open(base + split + "." + l + ".gz", "rt", encoding="utf-8") as f:
            for _, s in zip(range(n), f):
                out.append((re.sub(r"[^\w ]", "", s.lower())[:30], y))
    random.shuffle(out)
    return out


train, test = lines("train", 400), lines("val", 150)
letters = sorted({c for s, _ in train for c in s})
col = {c: i for i, c in enumerate(letters)}


def featurise(rows):
    X = torch.zeros(len(rows), len(letters))
    for i, (s, _) in enumerate(rows):
        for c in s:
            if c in col:
                X[i, col[c]] += 1
    X = X / X.sum(1, keepdim=True)                # relative letter frequencies, no line is empty
    return X, torch.tensor([y for _, y in rows])


Xtr, ytr = featurise(train)
Xte, yte = featurise(test)
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-3
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd

W = torch.zeros(len(letters), 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
lr, l2 = 0.3, 1e-3

for epoch in range(8):
    total = 0.0
    for idx in torch.randperm(len(Xtr), generator=torch.Generator().manual_seed(epoch)).split(40):
        logp = torch.log_softmax(Xtr[idx] @ W + b, dim=1)
        loss = -logp[torch.arange(len(idx)), ytr[idx]].mean() + l2 * (W ** 2).sum()
        gW, gb = torch.autograd.grad(loss, [W, b])
        with torch.no_grad():
            W -= lr * gW
            b -= lr * gb
        total += loss.item() * len(idx)
    with torch.no_grad():
        a_tr = ((Xtr @ W + b).argmax(1) == ytr).float().mean()
        a_te = ((Xte @ W + b).argmax(1) == yte).float().mean()
    print("epoch", epoch, "loss %.4f" % (total / len(Xtr)), "train %.3f test %.3f" % (a_tr, a_te))

with torch.no_grad():
    for k, l in enumerate(LANG):
        print(l, "loves:", " ".join(letters[i] for i in W[:, k].topk(6).indices))
