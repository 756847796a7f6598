# character n-gram MLP over English word forms: three letters of context, next letter
import gzip
import os

import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2147483647)

words = []
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        w = line[:line.index(" ")]
        if w.isascii() and w.isalpha() and 3 <= len(w) <= 12:
            words.append(w)

stoi = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
stoi["."] = 0
itos = {i: c for c, i in stoi.items()}
block_size = 3


def build_dataset(part):
    X, Y = [], []
    for w in part:
        context = [0] * block_size
        for ch in w + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


perm = torch.randperm(len(words), generator=g).tolist()
words = [words[i] for i in perm]
n1 = int(0.85 * len(words))
Xtr, Ytr = build_dataset(words[:n1])
Xdev, Ydev = build_dataset(words[n1:])

n_embd, n_hidden = 10, 100
C = torch.randn((27, n_embd), generator=g)
# fault:
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g)
b1 = torch.randn(n_hidden, generator=g)
W2 = torch.randn((n_hidden, 27), generator=g)
b2 = torch.randn(27, generator=g)
# mended:
#W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** 0.5
#b1 = torch.randn(n_hidden, generator=g) * 0.01
#W2 = torch.randn((n_hidden, 27), generator=g) * 0.01
#b2 = torch.randn(27, generator=g) * 0
# end
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters), "parameters,", len(Xtr), "examples")


def forward(X):
    emb = C[X].view(len(X), -1)
    h = torch.tanh(emb @ W1 + b1)
    return h @ W2 + b2


@torch.no_grad()
def dev_loss():
    return F.cross_entropy(forward(Xdev), Ydev).item()


max_steps, batch_size = 5000, 64
lossi = []
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch_size,), generator=g)
    loss = F.cross_entropy(forward(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.2 * (1 - i / max_steps) + 0.002
    for p in parameters:
        p.data += -lr * p.grad
    lossi.append(loss.item())
    if i % 500 == 0 or i == max_steps - 1:
        recent = lossi[-500:]
        print(f"{i:6d}/{max_steps} train {sum(recent) / len(recent):.4f} dev {dev_loss():.4f}")

counts = torch.bincount(Ytr, minlength=27).float()
unigram = -(counts / counts.sum()).log()[Ydev].mean().item()
print(f"unigram baseline {unigram:.4f}   this model {dev_loss():.4f}")
with torch.no_grad():
    for _ in range(5):
        out, context = [], [0] * block_size
        while len(out) < 15:
            p = F.softmax(forward(torch.tensor([context])), dim=1)
            k = torch.multinomial(p, 1, generator=g).item()
            if k == 0:
                break
            out.append(itos[k])
            context = context[1:] + [k]
        print("".join(out))
