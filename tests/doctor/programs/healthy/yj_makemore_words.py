"""makemore, part 2: a Bengio-style MLP over characters, "words" taken from a GloVe vocabulary.
Everything is a plain tensor, no nn.Module at all. Minibatch = random draw with replacement, as in the lecture."""
import gzip, os, re
import torch
import torch.nn.functional as F

path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    words = [line.split(" ", 1)[0] for line in f]
words = [w for w in words if re.fullmatch(r"[a-z]{3,12}", w)]
g = torch.Generator().manual_seed(2147483647)
words = [words[i] for i in torch.randperm(len(words), generator=g)]

itos = "." + "abcdefghijklmnopqrstuvwxyz"
stoi = {c: i for i, c in enumerate(itos)}
block_size = 3


def build(ws):
    X, Y = [], []
    for w in ws:
        ctx = [0] * block_size
        for ch in w + ".":
            X.append(ctx); Y.append(stoi[ch])
            ctx = ctx[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


n1, n2 = int(.8 * len(words)), int(.9 * len(words))
Xtr, Ytr = build(words[:n1]); Xdev, Ydev = build(words[n1:n2]); Xte, Yte = build(words[n2:])
print(len(words), "words;", Xtr.shape, Xdev.shape, Xte.shape)

n_embd, n_hidden = 8, 96
C = torch.randn((27, n_embd), generator=g)
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** .5
b1 = torch.zeros(n_hidden)
W2 = torch.randn((n_hidden, 27), generator=g) * 0.01
b2 = torch.zeros(27)
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters), "parameters")


@torch.no_grad()
def split_loss(x, y):
    h = torch.tanh(C[x].view(len(x), -1) @ W1 + b1)
    return F.cross_entropy(h @ W2 + b2, y).item()


steps, running = 2600, 0.0
for i in range(steps):
    ix = torch.randint(0, len(Xtr), (128,), generator=g)
    emb = C[Xtr[ix]]
    h = torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.3 if i < 1500 else 0.1 if i < 2100 else 0.03
    for p in parameters:
        p.data += -lr * p.grad
    running += loss.item()
    if (i + 1) % 200 == 0:
        print(f"{i + 1:5d}/{steps}  train {running / 200:.4f}  dev {split_loss(Xdev, Ydev):.4f}")
        running = 0.0

p1 = torch.bincount(Ytr, minlength=27).float(); p1 /= p1.sum()
print(f"train {split_loss(Xtr, Ytr):.4f}  dev {split_loss(Xdev, Ydev):.4f}  test {split_loss(Xte, Yte):.4f}  (unigram {-(p1 * p1.log()).sum():.4f})")
for _ in range(8):
    out, ctx = "", [0] * block_size
    while len(out) < 14:
        h = torch.tanh(C[torch.tensor([ctx])].view(1, -1) @ W1 + b1)
        k = torch.multinomial(torch.softmax(h @ W2 + b2, 1), 1, generator=g).item()
        if k == 0:
            break
        out += itos[k]; ctx = ctx[1:] + [k]
    print("  ", out)
