"""German, French or Czech? Single words, letter by letter, by a gated unit written out by hand (no nn.Module)."""
import gzip, os, re, random, time
import numpy as np
import torch

torch.manual_seed(77); random.seed(77)
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
LANG = ("de", "fr", "cs")


def wordlist(lang):
    text = gzip.open(base + "train.%s.gz" % lang, "rt", encoding="utf8").read().lower()
    return set(re.findall(r"[^\W\d_]{4,12}", text))


sets = [wordlist(l) for l in LANG]
rows = []
for k, s in enumerate(sets):
    others = set().union(*(sets[j] for j in range(3) if j != k))
    own = sorted(s - others)
    random.shuffle(own)
    rows += [(w, k) for w in own[:1500]]
random.shuffle(rows)
alphabet = sorted({c for w, _ in rows for c in w})
index = {c: i for i, c in enumerate(alphabet)}
A, H = len(alphabet), 32
train, held = rows[:3700], rows[3700:]


def init(*shape):
    return (torch.randn(*shape) / np.sqrt(shape[0])).requires_grad_()


W = dict(E=init(A, 16), Wz=init(16, H), Uz=init(H, H), bz=torch.zeros(H, requires_grad=True),
         Wr=init(16, H), Ur=init(H, H), br=torch.zeros(H, requires_grad=True),
         Wh=init(16, H), Uh=init(H, H), bh=torch.zeros(H, requires_grad=True),
         V=init(H, 3), c=torch.zeros(3, requires_grad=True))


def logits(words):
    T = max(map(len, words))
    ids = torch.zeros(T, len(words), dtype=torch.long)
    alive = torch.zeros(T, len(words), 1)
    for j, w in enumerate(words):
        ids[:len(w), j] = torch.tensor([index[c] for c in w])
        alive[:len(w), j] = 1
    h = torch.zeros(len(words), H)
    for x, a in zip(W["E"][ids], alive):
        z = torch.sigmoid(x @ W["Wz"] + h @ W["Uz"] + W["bz"])
        r = torch.sigmoid(x @ W["Wr"] + h @ W["Ur"] + W["br"])
        n = torch.tanh(x @ W["Wh"] + (r * h) @ W["Uh"] + W["bh"])
        new = (1 - z) * n + z * h
        h = a * new + (1 - a) * h                     # a finished word keeps its state
    return h @ W["V"] + W["c"]


def nll(words, ys):
    z = logits(words)
    return (torch.logsumexp(z, 1) - z[torch.arange(len(ys)), torch.tensor(ys)]).mean()


def acc(part):
    with torch.no_grad():
        return np.mean([(logits([w for w, _ in part[i:i + 400]]).argmax(1).numpy() == np.array([y for _, y in part[i:i + 400]])).mean()
                        for i in range(0, len(part), 400)])


# RMSprop, also by hand
sq = {k: torch.zeros_like(v) for k, v in W.items()}
for epoch in range(4):
    lr = 5e-3 * 0.5 ** epoch
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 40):
        ws, ys = zip(*train[i:i + 40])
        loss = nll(ws, ys)
        grads = torch.autograd.grad(loss, list(W.values()))
        with torch.no_grad():
            for (k, v), gr in zip(W.items(), grads):
                sq[k].mul_(0.95).addcmul_(gr, gr, value=0.05)
                v.sub_(lr * gr / (sq[k].sqrt() + 1e-6))
        tot += loss.item() * len(ws)
    print("epoch %d nll %.4f train %.3f held-out %.3f" % (epoch + 1, tot / len(train), acc(train[:800]), acc(held)))
