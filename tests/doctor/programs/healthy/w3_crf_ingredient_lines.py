"""Ingredient lines ("2 cups finely chopped red onion") into QTY UNIT PREP NAME with a linear-chain CRF written out by hand."""
import random
import torch
import torch.nn as nn

random.seed(71)
torch.manual_seed(71)
TAGS = ["QTY", "UNIT", "PREP", "NAME", "O"]
QTY = "1 2 3 4 ½ ¼ 1/2 3/4 one two half".split()
UNIT = "cup cups tbsp tsp g kg ml clove cloves pinch can".split()
PREP = "chopped diced finely sliced peeled grated fresh minced ground melted".split()
NAME = "onion red garlic butter flour sugar pepper black salt tomato rice oil olive ginger lemon clove ground cream can".split()
OTHER = "of to taste or for the , ( ) plus more".split()


def line():
    out = []
    if random.random() < 0.9:
        out.append((random.choice(QTY), 0))
        if random.random() < 0.7:
            out.append((random.choice(UNIT), 1))
            if random.random() < 0.3:
                out.append(("of", 4))
    for _ in range(random.randint(0, 2)):
        out.append((random.choice(PREP), 2))
    for _ in range(random.randint(1, 2)):
        out.append((random.choice(NAME), 3))
    if random.random() < 0.4:
        out.append((",", 4))
        out.append((random.choice(PREP), 2))
    elif random.random() < 0.3:
        out += [(w, 4) for w in random.choices(OTHER, k=2)]
    return out


train, dev = [line() for _ in range(900)], [line() for _ in range(200)]
words = {w: i + 2 for i, w in enumerate(sorted({w for l in train for w, _ in l}))}


def batch(lines):                                    # (T, B)
    T = max(map(len, lines))
    x = torch.zeros(T, len(lines), dtype=torch.long)
    y = torch.zeros(T, len(lines), dtype=torch.long)
    for b, l in enumerate(lines):
        for t, (w, k) in enumerate(l):
            x[t, b] = words.get(w, 1)
            y[t, b] = k
    return x, y, x > 0


class CRF(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(words) + 2, d, padding_idx=0)
        self.conv = nn.Conv1d(d, 32, 3, padding=1)
        self.emit = nn.Linear(32, 5)
        self.trans = nn.Parameter(torch.zeros(5, 5))
        self.first = nn.Parameter(torch.zeros(5))

    def scores(self, x):
        e = self.emb(x).permute(1, 2, 0)
        return self.emit(torch.relu(self.conv(e)).permute(2, 0, 1))

    def loss(self, x, y, m):
        e = self.scores(x)
        alpha = self.first + e[0]
        gold = self.first[y[0]] + e[0].gather(1, y[0].unsqueeze(1)).squeeze(1)
        for t in range(1, len(x)):
            step = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[t]
            alpha = torch.where(m[t].unsqueeze(1), step, alpha)
            gold = gold + m[t] * (self.trans[y[t - 1], y[t]] + e[t].gather(1, y[t].unsqueeze(1)).squeeze(1))
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, m):
        e = self.scores(x)
        best, back = self.first + e[0], []
        for t in range(1, len(x)):
            s, arg = (best.unsqueeze(2) + self.trans).max(1)
            best = torch.where(m[t].unsqueeze(1), s + e[t], best)
            back.append(torch.where(m[t].unsqueeze(1), arg, torch.arange(5).expand_as(arg)))
        k = best.argmax(1)
        path = [k]
        for arg in reversed(back):
            k = arg.gather(1, k.unsqueeze(1)).squeeze(1)
            path.append(k)
        return torch.stack(path[::-1])


model = CRF()
opt = torch.optim.Adagrad(model.parameters(), lr=0.05)
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 20):
        loss = model.loss(*batch(train[i:i + 20]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    x, y, m = batch(dev)
    p = model.viterbi(x, m)
    whole = ((p == y) | ~m).all(0).float().mean().item()
    print(f"epoch {epoch} loss {tot / 45:.3f} token accuracy {(p == y)[m].float().mean():.3f} whole lines {whole:.3f}")
