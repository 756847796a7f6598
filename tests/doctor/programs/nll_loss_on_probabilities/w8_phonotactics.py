"""Phonotactic grammar of an invented language: how surprising is each next phoneme?

Syllables are (C)V(N); vowels of a word agree in backness.  A word ends with '#'.
We fit an Elman network to a word list and report bits per phoneme on unseen words."""
import math
import random
import torch
from torch import nn

random.seed(1887)
torch.manual_seed(1887)

ONSET = "p t k m n s l r".split()
FRONT, BACK = ["i", "e", "y"], ["u", "o", "a"]
CODA = ["n", "s"]
SYM = ["_", "#"] + sorted(set(ONSET + FRONT + BACK + CODA))
IDX = {s: i for i, s in enumerate(SYM)}


def coin_word():
    vowels = random.choice((FRONT, BACK))
    out = []
    for syl in range(random.choice((1, 2, 2, 3))):
        if syl or random.random() < 0.8:
            out.append(random.choices(ONSET, (5, 5, 4, 3, 3, 4, 2, 2))[0])
        out.append(random.choices(vowels, (4, 3, 2))[0])
        if random.random() < 0.3:
            out.append(random.choice(CODA))
    return out + ["#"]


lexicon = sorted({" ".join(coin_word()) for _ in range(9000)})
random.shuffle(lexicon)
lexicon = [w.split() for w in lexicon]
dev, train = lexicon[:400], lexicon[400:2600]


def tensors(ws):
    """(T, B) layout; '_' starts a word on the input side, -1 fills up the target side"""
    T = max(map(len, ws))
    x = torch.zeros(T, len(ws), dtype=torch.long)
    y = torch.full((T, len(ws)), -1)
    for b, w in enumerate(ws):
        k = [IDX[s] for s in w]
        y[:len(k), b] = torch.tensor(k)
        x[1:len(k), b] = torch.tensor(k[:-1], dtype=torch.long)
    return x, y


class Elman(nn.Module):
    def __init__(self, n, d=16, h=32):
        super().__init__()
        self.e = nn.Embedding(n, d)
        self.r = nn.RNN(d, h)
        self.o = nn.Linear(h, n)

    def forward(self, x):
        states, _ = self.r(self.e(x))
        return self.o(states)


def bits(net, ws):
    x, y = tensors(ws)
    with torch.no_grad():
        lp = torch.log_softmax(net(x), -1)
    keep = y >= 0
    return -lp[keep].gather(1, y[keep][:, None]).mean().item() / math.log(2)


net = Elman(len(SYM))
criterion = nn.NLLLoss(ignore_index=-1)
adam = torch.optim.Adam(net.parameters(), lr=8e-3)
print(f"{len(train)} words, {len(SYM) - 1} symbols, flat model {math.log2(len(SYM) - 1):.2f} bits")
for epoch in range(1, 7):
    random.shuffle(train)
    acc, n = 0.0, 0
    for i in range(0, len(train), 40):
        x, y = tensors(train[i:i + 40])
        # fault:
        scores = torch.softmax(net(x), dim=-1)
        # mended:
        # scores = torch.log_softmax(net(x), dim=-1)
        # end
        loss = criterion(scores.flatten(0, 1), y.flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        acc, n = acc + loss.item(), n + 1
    print(f"{epoch}: loss {acc / n:.4f}  bits/phoneme train {bits(net, train[:400]):.3f}  dev {bits(net, dev):.3f}")

for a, b in ((["p", "i", "t", "e", "#"], ["p", "i", "t", "o", "#"]), (["t", "a", "n", "#"], ["t", "k", "a", "#"])):
    print("".join(a), round(bits(net, [a]), 2), "vs", "".join(b), round(bits(net, [b]), 2))
