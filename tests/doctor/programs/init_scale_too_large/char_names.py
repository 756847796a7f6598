# makemore-style: a character model of English words, all tensors by hand
import gzip
import os
import random
import re
import torch
import torch.nn.functional as F

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt") as f:
    text = [next(f) for _ in range(9000)]
words = sorted({w for line in text for w in re.findall(r"\b[a-z]{4,12}\b", line)})
random.seed(42)
random.shuffle(words)
words = words[:6500]
chars = sorted(set("".join(words)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
V = len(stoi)
block_size = 3
print(len(words), "words,", V, "characters:", words[:6])


def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + ".":
            ix = stoi[ch]
            X.append(context)
            Y.append(ix)
            context = context[1:] + [ix]
    return torch.tensor(X), torch.tensor(Y)


n1, n2 = int(0.85 * len(words)), len(words)
Xtr, Ytr = build_dataset(words[:n1])
Xdev, Ydev = build_dataset(words[n1:n2])

n_embd, n_hidden = 12, 120
g = torch.Generator().manual_seed(2147483647)
C = torch.randn((V, n_embd), generator=g)
# fault:
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g)
b1 = torch.randn(n_hidden, generator=g)
W2 = torch.randn((n_hidden, V), generator=g)
b2 = torch.randn(V, generator=g)
# mended:
# W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** 0.5
# b1 = torch.randn(n_hidden, generator=g) * 0.01
# W2 = torch.randn((n_hidden, V), generator=g) * 0.01
# b2 = torch.zeros(V)
# end
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True


def forward(X):
    emb = C[X]
    h = torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)
    return h @ W2 + b2


@torch.no_grad()
def split_loss(x, y):
    return F.cross_entropy(forward(x), y).item()


max_steps = 5000
batch_size = 64
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch_size,), generator=g)
    loss = F.cross_entropy(forward(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 4000 else 0.02
    for p in parameters:
        p.data += -lr * p.grad
    if i % 1000 == 0:
        print(f"{i:5d}/{max_steps}: {loss.item():.4f}")

counts = torch.bincount(Ytr, minlength=V).float()
print("train", round(split_loss(Xtr, Ytr), 4), "dev", round(split_loss(Xdev, Ydev), 4),
      "unigram dev", round(-(counts / counts.sum()).log()[Ydev].mean().item(), 4))
for _ in range(5):
    out, context = [], [0] * block_size
    while len(out) < 15:
        probs = F.softmax(forward(torch.tensor([context])), dim=1)
        ix = torch.multinomial(probs, 1, generator=g).item()
        if ix == 0:
            break
        context = context[1:] + [ix]
        out.append(ix)
    print("".join(chars[i - 1] for i in out))
