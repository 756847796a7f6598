# Bengio style neural probabilistic language model, over characters.
# Every position of every sentence is one row: the last 7 characters -> the next one.
import gzip, math, os, time
import torch

g = torch.Generator().manual_seed(2147483647)
torch.manual_seed(1)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
english = []
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for n, line in enumerate(fh):
        if n > 60000:
            break
        if n > 8000:
            english.append(line.split("\t")[0].lower())
english = sorted(set(english))
perm = torch.randperm(len(english), generator=g).tolist()
sents = [english[i] for i in perm[:5000]]
chars = ["."] + sorted({c for s in sents for c in s} - {"."})
stoi = {c: i for i, c in enumerate(chars)}
V, BLOCK = len(chars), 7
print(V, "characters;", sents[:3])


def rows(ss):
    X, Y = [], []
    for s in ss:
        ctx = [0] * BLOCK
        for ch in s.rstrip(".") + ".":
            ix = stoi[ch]
            X.append(ctx)
            Y.append(ix)
            ctx = ctx[1:] + [ix]
    return torch.tensor(X), torch.tensor(Y)


Xtr, Ytr = rows(sents[:4400])
Xdev, Ydev = rows(sents[4400:])
print(Xtr.shape, Xdev.shape)

# parameters by hand, with the gain for tanh and a quiet output layer
D, H = 12, 128
C = torch.randn((V, D), generator=g)
W1 = torch.randn((BLOCK * D, H), generator=g) * (5 / 3) / (BLOCK * D) ** 0.5
b1 = torch.randn(H, generator=g) * 0.01
W2 = torch.randn((H, V), generator=g) * 0.01
b2 = torch.zeros(V)
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad = True


def logits_of(X):
    return torch.tanh(C[X].view(X.shape[0], -1) @ W1 + b1) @ W2 + b2


@torch.no_grad()
def nll(X, Y):
    return torch.nn.functional.cross_entropy(logits_of(X), Y).item()


STEPS, BATCH = 3600, 128
print("untrained", nll(Xdev, Ydev), "uniform", math.log(V))
for i in range(STEPS):
    ix = torch.randint(0, Xtr.shape[0], (BATCH,), generator=g)
    loss = torch.nn.functional.cross_entropy(logits_of(Xtr[ix]), Ytr[ix])
    for p in params:
        p.grad = None
    loss.backward()
    lr = 0.3 if i < STEPS * 0.55 else 0.1 if i < STEPS * 0.75 else 0.02
    for p in params:
        p.data += -lr * p.grad
    if (i + 1) % 600 == 0:
        print(f"{i + 1:5d}/{STEPS} train {nll(Xtr[:20000], Ytr[:20000]):.4f} dev {nll(Xdev, Ydev):.4f}")
bits = nll(Xdev, Ydev) / math.log(2)
uni = torch.bincount(Ytr, minlength=V).float() + 1
uni = -(uni / uni.sum()).log()[Ydev].mean().item() / math.log(2)
print(f"dev bits per character {bits:.3f}   (unigram model {uni:.3f})")
