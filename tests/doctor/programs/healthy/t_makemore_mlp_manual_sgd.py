# makemore, lecture 3 exercise: a character MLP that invents English words. No optimiser object, p.data -= lr * p.grad
import gzip, os, random
import torch
import torch.nn.functional as F

words = []
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w = line.split(" ", 1)[0]
        if w.isascii() and w.isalpha() and w.islower() and 3 <= len(w) <= 9:
            words.append(w)
random.seed(42)
random.shuffle(words)
words = words[:6000]
stoi = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
stoi["."] = 0
block = 3


def build(ws):
    X, Y = [], []
    for w in ws:
        ctx = [0] * block
        for ch in w + ".":
            X.append(ctx); Y.append(stoi[ch])
            ctx = ctx[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


n1 = int(0.85 * len(words))
Xtr, Ytr = build(words[:n1])
Xdev, Ydev = build(words[n1:])
print(Xtr.shape, Xdev.shape)

g = torch.Generator().manual_seed(2147483647)
C = torch.randn((27, 8), generator=g)
W1 = torch.randn((24, 80), generator=g) * (5 / 3) / 24 ** 0.5
b1 = torch.randn(80, generator=g) * 0.01
W2 = torch.randn((80, 27), generator=g) * 0.01
b2 = torch.zeros(27)
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print(sum(p.nelement() for p in parameters), "parameters")


def net(X):
    h = torch.tanh(C[X].view(-1, 24) @ W1 + b1)
    return h @ W2 + b2


steps = 3600
recent = []
for i in range(steps):
    ix = torch.randint(0, len(Xtr), (64,), generator=g)
    loss = F.cross_entropy(net(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.25 if i < 0.6 * steps else 0.05 if i < 0.9 * steps else 0.01
    for p in parameters:
        p.data -= lr * p.grad
    recent.append(loss.item())
    if (i + 1) % 600 == 0:
        print(f"{i + 1:5d}/{steps}: {sum(recent[-600:]) / 600:.4f}")


@torch.no_grad()
def split_loss(name, X, Y):
    print(name, round(F.cross_entropy(net(X), Y).item(), 4))


counts = torch.bincount(Ytr, minlength=27).float()
print("unigram", round(F.nll_loss((counts / counts.sum()).log().expand(len(Ydev), 27), Ydev).item(), 4))
split_loss("train", Xtr, Ytr)
split_loss("dev", Xdev, Ydev)

for _ in range(5):
    out, ctx = "", [0] * block
    while len(out) < 15:
        with torch.no_grad():
            p = F.softmax(net(torch.tensor([ctx])), dim=1)
        ix = torch.multinomial(p, 1, generator=g).item()
        if ix == 0:
            break
        out += "abcdefghijklmnopqrstuvwxyz"[ix - 1]
        ctx = ctx[1:] + [ix]
    print("  ", out)
