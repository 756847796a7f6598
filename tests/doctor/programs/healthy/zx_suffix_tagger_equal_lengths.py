# Part-of-speech tagger for a made-up language. Words end in a suffix that says most of the class; rare words and those
# never seen go into one bucket per suffix. Batches hold sentences of equal length: no padding.
import random
from collections import Counter, defaultdict
import torch
import torch.nn as nn

rnd = random.Random(77)
torch.manual_seed(77)
TAGS = ['DET', 'ADJ', 'NOUN', 'VERB', 'ADV']
ENDS = {'ADJ': ['iv', 'esk'], 'NOUN': ['or', 'im', 'an'], 'VERB': ['an', 'ut'], 'ADV': ['el']}   # -an is noun or verb


def stem():
    return ''.join(rnd.choice('bdgklmnprst') + rnd.choice('aeiou') for _ in range(rnd.randint(1, 2)))


LEX = {t: [stem() + rnd.choice(e) for _ in range(500)] for t, e in ENDS.items()}
LEX['DET'] = ['ke', 'ko', 'ka']
both = [stem() + 'an' for _ in range(60)]          # these are both nouns and verbs
LEX['NOUN'] += both * 2
LEX['VERB'] += both * 2


def phrase():
    return ['DET'] + ['ADJ'] * rnd.choice([0, 0, 1, 2]) + ['NOUN']


def sent():
    tags = phrase() + ['ADV'] * rnd.choice([0, 1]) + ['VERB'] + (phrase() if rnd.random() < .7 else []) + ['ADV'] * rnd.choice([0, 0, 1])
    return [rnd.choice(LEX[t]) for t in tags], tags


train, dev = [sent() for _ in range(1800)], [sent() for _ in range(400)]
count = Counter(w for ws, _ in train for w in ws)
vocab = {w: i for i, (w, c) in enumerate(count.most_common()) if c >= 4}
for e in sorted({s for l in ENDS.values() for s in l}):
    vocab['unk-' + e] = len(vocab)
vocab['unk'] = len(vocab)


def look(w):
    for k in (w, 'unk-' + w[-3:], 'unk-' + w[-2:]):
        if k in vocab:
            return vocab[k]
    return vocab['unk']


def batches(data, size, shuffle):
    by = defaultdict(list)
    for ws, ts in data:
        by[len(ws)].append(([look(w) for w in ws], [TAGS.index(t) for t in ts]))
    out = []
    for group in by.values():
        if shuffle:
            rnd.shuffle(group)
        out += [group[i:i + size] for i in range(0, len(group), size)]
    if shuffle:
        rnd.shuffle(out)
    for g in out:
        x, y = zip(*g)
        yield torch.tensor(x).t(), torch.tensor(y).t()         # (T, B), as nn.LSTM likes it


emb = nn.Embedding(len(vocab), 12)
lstm = nn.LSTM(12, 12, bidirectional=True)
out = nn.Linear(24, len(TAGS))
mods = nn.ModuleList([emb, lstm, out])
freq = torch.tensor([sum(ts.count(t) for _, ts in train) for t in TAGS], dtype=torch.float)
weight = (freq.sum() / freq / len(TAGS)).sqrt()
nll = nn.CrossEntropyLoss(weight=weight)
opt = torch.optim.RMSprop(mods.parameters(), lr=8e-3)


def scores(x):
    return out(lstm(emb(x))[0])


for epoch in range(4):
    for g in opt.param_groups:
        g['lr'] = 8e-3 / (1 + epoch)
    loss_sum = n = 0
    for x, y in batches(train, 32, True):
        loss = nll(scores(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(mods.parameters(), 1.)
        opt.step()
        loss_sum += loss.item() * y.numel()
        n += y.numel()
    res = []
    for data in (train, dev):
        conf = torch.zeros(len(TAGS), len(TAGS))
        with torch.no_grad():
            for x, y in batches(data, 200, False):
                conf.index_put_((y.flatten(), scores(x).argmax(-1).flatten()), torch.ones(()), accumulate=True)
        res.append((conf.trace() / conf.sum()).item())
    print('epoch %d  loss %.4f  train %.4f  dev %.4f' % (epoch, loss_sum / n, *res))
print('most frequent tag: %.4f; recall on dev: %s' % (freq.max() / freq.sum(), ' '.join(f'{t} {r:.2f}' for t, r in zip(TAGS, (conf.diag() / conf.sum(1)).tolist()))))
print('dev words without a vector of their own: %.2f' % (sum(w not in vocab for ws, _ in dev for w in ws) / sum(len(ws) for ws, _ in dev)))
