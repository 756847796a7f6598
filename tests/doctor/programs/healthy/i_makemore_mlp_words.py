# makemore part 2, on the words of image captions instead of names. Bare tensors, no torch.nn.
import gzip, os, random, re
import torch
import torch.nn.functional as F

path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/train.en.gz")
words = sorted(set(re.findall(r"\b[a-z]{3,12}\b", gzip.open(path, "rt", encoding="utf-8").read().lower())))
random.seed(42)
random.shuffle(words)
print(len(words), "words:", words[:6])

stoi = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
stoi["."] = 0
itos = {i: c for c, i in stoi.items()}
block_size = 3


def build(ws):
    X, Y = [], []
    for w in ws:
        ctx = [0] * block_size
        for ch in w + ".":
            X.append(ctx)
            Y.append(stoi[ch])
            ctx = ctx[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


n1 = int(.9 * len(words))
Xtr, Ytr = build(words[:n1])
Xdev, Ydev = build(words[n1:])

g = torch.Generator().manual_seed(2147483647)
C = torch.randn((27, 8), generator=g)
W1 = torch.randn((8 * block_size, 64), generator=g) * (5 / 3) / (8 * block_size) ** .5
b1 = torch.zeros(64)
W2 = torch.randn((64, 27), generator=g) * .01
b2 = torch.zeros(27)
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
print("parameters:", sum(p.nelement() for p in parameters))


def forward(X):
    h = torch.tanh(C[X].view(X.shape[0], -1) @ W1 + b1)
    return h @ W2 + b2


@torch.no_grad()
def split_loss(name):
    x, y = {"train": (Xtr, Ytr), "dev": (Xdev, Ydev)}[name]
    return F.cross_entropy(forward(x), y).item()


max_steps = 4500
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (128,), generator=g)
    loss = F.cross_entropy(forward(Xtr[ix]), Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.3 if i < 2500 else 0.1 if i < 3800 else 0.02
    for p in parameters:
        p.data += -lr * p.grad
    if (i + 1) % 750 == 0:
        print(f"{i + 1:6d}/{max_steps}: train {split_loss('train'):.4f}  dev {split_loss('dev'):.4f}")

freq = torch.bincount(Ytr, minlength=27).float()
uni = -(freq / freq.sum()).log()[Ydev].mean().item()
print(f"letter frequencies alone: {uni:.4f}   this model: {split_loss('dev'):.4f}")
for _ in range(5):
    out, ctx = [], [0] * block_size
    while True:
        p = F.softmax(forward(torch.tensor([ctx])), 1)
        k = torch.multinomial(p, 1, generator=g).item()
        if k == 0 or len(out) > 15:
            break
        ctx = ctx[1:] + [k]
        out.append(itos[k])
    print("  ", "".join(out))
