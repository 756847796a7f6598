"""Language of a tweet from hashed character trigrams. No nn.Module, just a table and a projection."""
import os
import random
import zlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
random.seed(11)

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
BUCKETS, DIM, MAXLEN = 4096, 24, 60


def read(lang, part, n):
    out = []
    with open(os.path.join(ROOT, lang, part + "_text.txt"), encoding="utf-8") as f:
        for line in f:
            words = [w for w in line.lower().split() if w.isalpha() and w != "user" and w != "http"]
            if len(words) >= 6:
                out.append(" ".join(words[:12]))
            if len(out) == n:
                break
    return out


def trigrams(text):
    text = "  " + text + " "
    ids = [1 + zlib.crc32(text[i:i + 3].encode("utf-8")) % (BUCKETS - 1) for i in range(len(text) - 2)]
    return ids[:MAXLEN]


def tensors(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    y = torch.tensor([lab for _, lab in rows])
    for i, (text, _) in enumerate(rows):
        ids = trigrams(text)
        x[i, :len(ids)] = torch.tensor(ids)
    return x, y


train_rows, test_rows = [], []
for lab, lang in enumerate(LANGS):
    tr = sorted(set(read(lang, "train", 700)))
    seen = set(tr)
    train_rows += [(t, lab) for t in tr]
    test_rows += [(t, lab) for t in sorted(set(read(lang, "test", 250))) if t not in seen]
random.shuffle(train_rows)
x_train, y_train = tensors(train_rows)
x_test, y_test = tensors(test_rows)
print("train", tuple(x_train.shape), "test", tuple(x_test.shape))

# fault:
n_out = 1
# mended:
#n_out = len(LANGS)
# end

table = (torch.randn(BUCKETS, DIM) * 0.1).requires_grad_()
w = (torch.randn(DIM, n_out) * 0.2).requires_grad_()
b = torch.zeros(n_out, requires_grad=True)
params = [table, w, b]


def forward(x):
    keep = (x > 0).float().unsqueeze(-1)
    mean = (table[x] * keep).sum(1) / keep.sum(1).clamp(min=1)
    return mean @ w + b


def predict(x):
    with torch.no_grad():
        out = forward(x)
        # fault:
        return out.squeeze(1).round().clamp(0, len(LANGS) - 1).long()
        # mended:
        #return out.argmax(1)
        # end


def objective(out, y):
    # fault:
    return F.mse_loss(out.squeeze(1), y.float())
    # mended:
    #return F.cross_entropy(out, y)
    # end


def accuracy(x, y):
    return (predict(x) == y).float().mean().item()


opt = torch.optim.Adam(params, lr=0.01)
for epoch in range(10):
    order = torch.randperm(len(x_train))
    total = 0.0
    for chunk in order.split(64):
        loss = objective(forward(x_train[chunk]), y_train[chunk])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    print(f"epoch {epoch}  loss {total / len(x_train):.4f}  "
          f"train {accuracy(x_train, y_train):.3f}  test {accuracy(x_test, y_test):.3f}")

pred = predict(x_test)
for i, lang in enumerate(LANGS):
    print(f"{lang:12s} {(pred[y_test == i] == i).float().mean().item():.3f}")
print("test accuracy", round(accuracy(x_test, y_test), 4))
