# Customer reviews, one row per update, plain SGD written out by hand.
# Each word has one weight; a review's score is the sum over its distinct words / sqrt(count).
# Averaged weights are used for the held-out part.
import os, random, math
import torch

random.seed(21); torch.manual_seed(21)
base = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'CR')

rows, seen = [], set()
for y, name in ((1, 'custrev.pos'), (0, 'custrev.neg')):
    for line in open(os.path.join(base, name), encoding='latin-1'):
        toks = [t for t in line.lower().split() if any(c.isalpha() or c in '!?' for c in t)]
        bigr = [a + ' ' + b for a, b in zip(toks, toks[1:]) if a in ('not', "n't", 'no', 'very', 'too')]
        key = ' '.join(toks)
        if toks and key not in seen:
            seen.add(key)
            rows.append((sorted(set(toks + bigr)), y))
random.shuffle(rows)
cut = int(len(rows) * 0.8)
train, test = rows[:cut], rows[cut:]

df = {}
for t, _ in train:
    for w in t: df[w] = df.get(w, 0) + 1
names = sorted(w for w, c in df.items() if c >= 3)
ix = {w: i for i, w in enumerate(names)}
pack = lambda part: [(torch.tensor([ix[w] for w in t if w in ix]), float(y)) for t, y in part]
train, test = [[r for r in pack(p) if len(r[0])] for p in (train, test)]
print(len(train), 'train', len(test), 'test', len(names), 'features',
      'share positive %.3f' % (sum(y for _, y in test) / len(test)))

w = torch.zeros(len(names)); avg = torch.zeros(len(names)); bias = 0.0; step = seen_avg = 0


def score(weights, ids):
    return weights[ids].sum().item() / math.sqrt(len(ids)) + bias


def correct(weights, part):
    return sum((score(weights, i) > 0) == (y > 0.5) for i, y in part) / len(part)


for epoch in range(3):
    random.shuffle(train)
    nll = 0.0
    for ids, y in train:
        step += 1
        lr = 0.6 / math.sqrt(1 + step / 500)
        p = 1 / (1 + math.exp(-score(w, ids)))
        nll -= math.log(p if y else 1 - p)
        g = p - y
        w[ids] -= lr * (g / math.sqrt(len(ids)) + 0.002 * w[ids])
        bias -= 0.05 * lr * g
        if epoch and step % 20 == 0:              # tail average: from the second pass on
            seen_avg += 1
            avg += (w - avg) / seen_avg
    print('pass %d  running nll %.4f  train %.4f  test %.4f  averaged %.4f'
          % (epoch + 1, nll / len(train), correct(w, train), correct(w, test), correct(avg if epoch else w, test)))
