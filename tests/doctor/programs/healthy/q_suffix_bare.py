# Turkish past tense: which of di dı du dü ti tı tu tü follows a stem?
# An Elman network out of bare tensors; stems are padded on the LEFT, so the last letter is always the last column.
import random
import torch

random.seed(6)
torch.manual_seed(6)

VOWELS, HARD, SOFT = "aıoueiöü", "çfhkpsşt", "bcdglmnrvyz"
HARMONY = {"a": "ı", "ı": "ı", "o": "u", "u": "u", "e": "i", "i": "i", "ö": "ü", "ü": "ü"}
SUFFIX = [c + v for c in "dt" for v in "ıiuü"]
LETTERS = {c: i + 1 for i, c in enumerate(VOWELS + HARD + SOFT)}


def stem():
    s = "".join(random.choice(HARD + SOFT) + random.choice(VOWELS) for _ in range(random.randint(1, 3)))
    if random.random() < 0.75:
        s += random.choice(HARD + SOFT)
        if random.random() < 0.25:
            s += random.choice(HARD)
    return s


def suffix(s):
    v = next(c for c in reversed(s) if c in VOWELS)
    return ("t" if s[-1] in HARD else "d") + HARMONY[v]


stems = sorted({stem() for _ in range(5500)})
random.shuffle(stems)
W = max(map(len, stems))
X = torch.tensor([[0] * (W - len(s)) + [LETTERS[c] for c in s] for s in stems])
Y = torch.tensor([SUFFIX.index(suffix(s)) for s in stems])
a, b = len(stems) - 1400, len(stems) - 700
parts = {"train part": slice(0, 700), "dev": slice(a, b), "test": slice(b, None)}

D, H, K = 12, 40, len(SUFFIX)
E = torch.randn(len(LETTERS) + 1, D) * 0.5
Wx = torch.randn(D, H) / D ** 0.5
Wh = torch.nn.init.orthogonal_(torch.empty(H, H)) * 0.9
bh = torch.zeros(H)
Wo = torch.randn(H, K) / H ** 0.5
bo = torch.zeros(K)
params = [E, Wx, Wh, bh, Wo, bo]
for p in params:
    p.requires_grad_(True)
velocity = [torch.zeros_like(p) for p in params]


def logits(x):
    h = torch.zeros(len(x), H)
    for t in range(W):
        c = x[:, t]
        new = torch.tanh(E[c] @ Wx + h @ Wh + bh)
        h = torch.where((c > 0).unsqueeze(1), new, h)         # before the first letter the state stays zero
    return h @ Wo + bo


def nll(x, y):
    z = logits(x)
    return (torch.logsumexp(z, 1) - z[torch.arange(len(y)), y]).mean()


lr, mu = 0.1, 0.9
for epoch in range(8):
    order = torch.randperm(a)
    total = 0.0
    for k in order.split(64):
        loss = nll(X[k], Y[k])
        for p in params:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            size = sum((p.grad ** 2).sum() for p in params).sqrt()
            shrink = min(1.0, 2.0 / (size.item() + 1e-9))
            for p, v in zip(params, velocity):
                v.mul_(mu).add_(p.grad, alpha=shrink)
                p.sub_(v, alpha=lr)
        total += loss.item() * len(k)
    if epoch > 3:
        lr *= 0.6
    with torch.no_grad():
        acc = {n: (logits(X[s]).argmax(1) == Y[s]).float().mean().item() for n, s in parts.items()}
    print(f"{epoch + 1:2d} loss {total / a:.4f} " + " ".join(f"{n} {v:.3f}" for n, v in acc.items()))
print(f"most frequent suffix: {torch.bincount(Y[a:b]).max().item() / (b - a):.3f}")
for s in ["gel", "kork", "gör", "bul"]:
    x = torch.tensor([[0] * (W - len(s)) + [LETTERS[c] for c in s]])
    print(s + SUFFIX[logits(x).argmax().item()])
