"""makemore, part 2: a character MLP (Bengio et al. 2003) that invents English words.

Following the lecture, on the words of the GloVe vocabulary instead of the names file.
"""
import gzip
import os
import random

import torch
import torch.nn.functional as F

words = []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w = line.split(" ", 1)[0]
        if w.isascii() and w.isalpha() and 4 <= len(w) <= 10:
            words.append(w)
random.seed(42)
random.shuffle(words)
words = words[:5500]

chars = sorted(set("".join(words)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi["."] = 0
itos = {i: s for s, i in stoi.items()}
V = len(itos)
block_size = 3                      # how many characters of context


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


n1 = int(0.9 * len(words))
Xtr, Ytr = build_dataset(words[:n1])
Xdev, Ydev = build_dataset(words[n1:])

n_embd, n_hidden = 10, 100
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
print(sum(p.nelement() for p in parameters), "parameters,", len(Xtr), "training characters")


def forward(X):
    emb = C[X].view(X.shape[0], -1)
    return torch.tanh(emb @ W1 + b1) @ W2 + b2


@torch.no_grad()
def split_loss(X, Y):
    return F.cross_entropy(forward(X), Y).item()


freq = torch.bincount(Ytr, minlength=V).float()
print("unigram dev loss %.4f" % -(freq / freq.sum()).log()[Ydev].mean().item())
print("loss before training %.4f" % split_loss(Xtr, Ytr))
max_steps, batch_size = 2600, 128
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch_size,), generator=g)
    loss = F.cross_entropy(forward(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.2 if i < 1800 else 0.03           # step decay
    for p in parameters:
        p.data += -lr * p.grad
    if i % 500 == 0:
        print(f"{i:5d}/{max_steps} {loss.item():.4f}")
print("train %.4f  dev %.4f" % (split_loss(Xtr, Ytr), split_loss(Xdev, Ydev)))

for _ in range(6):
    out, context = [], [0] * block_size
    while len(out) < 14:
        with torch.no_grad():
            probs = F.softmax(forward(torch.tensor([context])), dim=1)
        ix = torch.multinomial(probs, 1, generator=g).item()
        context = context[1:] + [ix]
        if ix == 0:
            break
        out.append(itos[ix])
    print("".join(out), end=" ")
print()
