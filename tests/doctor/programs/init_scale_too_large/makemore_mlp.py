"""Character MLP for names (Bengio et al. 2003), tensors only."""
import random

import torch
import torch.nn.functional as F

random.seed(42)
heads = "ma an jo li el ka ro sa be da mi no te vi le ga".split()
mids = "ri na la mi ve ra ni lo so to de".split()
ends = "a n s e lle na ta o th rd l ne".split()
names = sorted({random.choice(heads) + "".join(random.choices(mids, k=random.randint(0, 2))) + random.choice(ends) for _ in range(4000)})
random.shuffle(names)
chars = sorted(set("".join(names)))
stoi = {c: i + 1 for i, c in enumerate(chars)}
stoi["."] = 0
block_size = 3


def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


n = int(0.85 * len(names))
Xtr, Ytr = build_dataset(names[:n])
Xdev, Ydev = build_dataset(names[n:])
n_embd, n_hidden, vocab_size = 10, 100, len(stoi)
g = torch.Generator().manual_seed(2147483647)
C = torch.randn((vocab_size, n_embd), generator=g)
# fault:
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g)
b1 = torch.randn(n_hidden, generator=g)
W2 = torch.randn((n_hidden, vocab_size), generator=g)
b2 = torch.randn(vocab_size, generator=g)
# mended:
# W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** 0.5
# b1 = torch.randn(n_hidden, generator=g) * 0.01
# W2 = torch.randn((n_hidden, vocab_size), generator=g) * 0.01
# b2 = torch.randn(vocab_size, generator=g) * 0
# end
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True


def logits_of(X):
    h = torch.tanh(C[X].view(X.shape[0], -1) @ W1 + b1)
    return h @ W2 + b2


max_steps, batch_size = 2000, 32
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch_size,), generator=g)
    loss = F.cross_entropy(logits_of(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 1500 else 0.01
    for p in parameters:
        p.data += -lr * p.grad
    if i % 500 == 0 or i == max_steps - 1:
        with torch.no_grad():
            print(f"{i:7d}/{max_steps:7d}: loss {loss.item():.4f} dev loss {F.cross_entropy(logits_of(Xdev), Ydev).item():.4f}")
