# 5-fold cross validation: is an English sentence (Tatoeba) a question? The question mark is removed.
# first two words and last word, 3-dimensional vectors, Adagrad.
import gzip, os, random, statistics
import torch

torch.set_num_threads(1)
src = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'tatoeba-fra-eng', 'fra.txt.gz')
random.seed(31)

sents = {}
with gzip.open(src, 'rt', encoding='utf-8') as f:
    for n, line in enumerate(f):
        s = line.split('\t')[0].strip()
        if 3 <= len(s.split()) <= 12 and s[-1] in '.?!':
            sents[s[:-1].lower()] = int(s[-1] == '?')
qs = [s for s, y in sents.items() if y]
ns = [s for s, y in sents.items() if not y]
rows = [(s.split(), 1) for s in random.sample(qs, 1500)] + [(s.split(), 0) for s in random.sample(ns, 1500)]
random.shuffle(rows)

K = 5
folds = [rows[i::K] for i in range(K)]


def run(fold):
    torch.manual_seed(fold)
    train = [r for j in range(K) if j != fold for r in folds[j]]
    held = folds[fold]
    freq = {}
    for t, _ in train:
        for w in (t[0], t[1], t[-1]):
            freq[w] = freq.get(w, 0) + 1
    vocab = {w: i for i, w in enumerate(['<rare>'] + [w for w, c in freq.items() if c > 2])}

    def enc(data):
        x = torch.tensor([[vocab.get(t[k], 0) for k in (0, 1, -1)] for t, _ in data])
        return x, torch.tensor([y for _, y in data])

    x, y = enc(train)
    xh, yh = enc(held)
    E = torch.nn.Embedding(len(vocab), 3)
    torch.nn.init.normal_(E.weight, std=.3)
    L = torch.nn.Linear(9, 2)
    opt = torch.optim.Adagrad([*E.parameters(), *L.parameters()], lr=.15)
    hist = []
    for ep in range(5):
        tot = 0
        for b in torch.randperm(len(x)).split(48):
            loss = torch.nn.functional.cross_entropy(L(E(x[b]).reshape(len(b), 9)), y[b])
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b)
        hist.append(tot / len(x))
    with torch.no_grad():
        a = [(L(E(i).flatten(1)).argmax(1) == j).float().mean().item() for i, j in ((x, y), (xh, yh))]
    print(f'fold {fold}: loss ' + ' '.join('%.3f' % h for h in hist) + f'   train {a[0]:.3f}  held-out {a[1]:.3f}')
    return a[1]


scores = [run(k) for k in range(K)]
print(f'{K}-fold accuracy {statistics.mean(scores):.3f} +- {statistics.stdev(scores):.3f}   (majority 0.500)')
