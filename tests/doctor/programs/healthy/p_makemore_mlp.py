# %% [markdown]
# # Spelling English words, letter by letter (MLP language model in bare tensors)
# %%
import gzip, os, random
import torch
import torch.nn.functional as F

path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
words = [line.split(" ", 1)[0] for line in gzip.open(path, "rt", encoding="utf-8")]
words = [w for w in words if w.isascii() and w.isalpha() and len(w) > 2]
print(len(words), words[:8])
chars = sorted(set("".join(words)))
stoi = {c: i + 1 for i, c in enumerate(chars)}
stoi["."] = 0
itos = {i: c for c, i in stoi.items()}
V = len(itos)
# %%
block_size = 3

def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + ".":
            X.append(context); Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)

random.seed(42)
random.shuffle(words)
n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
Xtr, Ytr = build_dataset(words[:n1])
Xdev, Ydev = build_dataset(words[n1:n2])
Xte, Yte = build_dataset(words[n2:])
print(Xtr.shape, Xdev.shape, Xte.shape)
# %%
g = torch.Generator().manual_seed(2147483647)
n_embd, n_hidden = 10, 120
C = torch.randn((V, n_embd), generator=g)
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** 0.5
b1 = torch.randn(n_hidden, generator=g) * 0.01
W2 = torch.randn((n_hidden, V), generator=g) * 0.01
b2 = torch.zeros(V)
parameters = [C, W1, b1, W2, b2]
print(sum(p.nelement() for p in parameters), "parameters")
for p in parameters:
    p.requires_grad = True

def logits_of(X):
    emb = C[X]
    h = torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)
    return h @ W2 + b2

@torch.no_grad()
def split_loss(X, Y):
    return F.cross_entropy(logits_of(X), Y).item()

counts = torch.bincount(Ytr, minlength=V).float()
print("unigram dev loss %.4f" % F.nll_loss((counts / counts.sum()).log().expand(len(Ydev), V), Ydev).item())
# %%
max_steps, batch_size = 7000, 96
lossi = []
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch_size,), generator=g)
    loss = F.cross_entropy(logits_of(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.2 if i < 4500 else 0.02
    for p in parameters:
        p.data += -lr * p.grad
    lossi.append(loss.item())
    if i % 1000 == 0:
        print(f"{i:7d}/{max_steps:7d}: {loss.item():.4f}")
# %%
print("train", split_loss(Xtr, Ytr))
print("dev  ", split_loss(Xdev, Ydev))
print("test ", split_loss(Xte, Yte))
# %%
for _ in range(8):
    out, context = [], [0] * block_size
    while True:
        probs = F.softmax(logits_of(torch.tensor([context])), dim=1)
        ix = torch.multinomial(probs, num_samples=1, generator=g).item()
        if ix == 0 or len(out) > 20:
            break
        out.append(itos[ix]); context = context[1:] + [ix]
    print("".join(out))
