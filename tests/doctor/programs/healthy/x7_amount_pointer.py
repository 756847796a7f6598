#!/usr/bin/env python3
# Points at the amount that a question asks for ("total" or "deposit") in a receipt line. Output = a position.
import numpy
import torch

torch.manual_seed(8)
R = numpy.random.RandomState(8)

ITEMS = 'room dinner taxi parking drinks laundry ticket museum wifi breakfast tip towels'.split()
ASK = {'total': ['total', 'sum', 'altogether'], 'deposit': ['deposit', 'advance', 'prepaid']}
GLUE = 'and for also plus with'.split()


def receipt():
    parts = [[w, '#'] for w in R.choice(ITEMS, R.randint(1, 4), replace=False)]
    marks = {}
    for what in ASK:
        parts.append([what])
    R.shuffle(parts)
    words = []
    for p in parts:
        if words and R.rand() < .5:
            words.append(R.choice(GLUE))
        if p[0] in ASK:
            words.append(R.choice(ASK[p[0]]))
            marks[p[0]] = len(words)
            words.append('#')
        else:
            words.extend(p)
    ask = list(ASK)[R.randint(2)]
    return words, list(ASK).index(ask), marks[ask]


raw = [receipt() for _ in range(2600)]
index = {w: i + 1 for i, w in enumerate(sorted({w for words, _, _ in raw[:2100] for w in words}))}
longest = max(len(w) for w, _, _ in raw)
X = torch.zeros(len(raw), longest, dtype=torch.long)
for r, (words, _, _) in enumerate(raw):
    X[r, :len(words)] = torch.tensor([index[w] for w in words])
Q = torch.tensor([q for _, q, _ in raw])
Y = torch.tensor([y for _, _, y in raw])
ANSWERABLE = index['#']


class Pointer(torch.nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.words = torch.nn.Embedding(len(index) + 1, d, padding_idx=0)
        self.mix = torch.nn.Conv1d(d, 2 * d, 3, padding=1)
        self.query = torch.nn.Embedding(2, 2 * d)

    def forward(self, x, q):
        h = torch.tanh(self.mix(self.words(x).permute(0, 2, 1)))          # B, 2d, T
        score = torch.einsum('bdt,bd->bt', h, self.query(q))
        return score.masked_fill(x != ANSWERABLE, -torch.inf)             # only amounts can be pointed at


net = Pointer()
adam = torch.optim.Adam(net.parameters(), lr=5e-3)
shadow = {k: v.clone() for k, v in net.state_dict().items()}              # running average, used for scoring
average = Pointer()


def exact(rows):
    average.load_state_dict(shadow)
    average.eval()
    with torch.no_grad():
        return (average(X[rows], Q[rows]).argmax(1) == Y[rows]).double().mean().item()


tr, te = torch.arange(2100), torch.arange(2100, 2600)
amounts = (X == ANSWERABLE).sum(1).double()
print('guessing would give %.3f' % (1 / amounts[te]).mean())
for epoch in range(5):
    net.train()
    seen = []
    for rows in tr[torch.randperm(len(tr))].split(35):
        loss = torch.nn.functional.cross_entropy(net(X[rows], Q[rows]), Y[rows], reduction='none')
        adam.zero_grad(set_to_none=True)
        loss.mean().backward()
        adam.step()
        with torch.no_grad():
            for k, v in net.state_dict().items():
                shadow[k].lerp_(v, 0.05)
        seen.append(loss.detach())
    print('epoch %d: nll %.4f, exact train %.4f, exact test %.4f' % (epoch, torch.cat(seen).mean(), exact(tr), exact(te)))
