# tiny NER (PER / LOC / ORG, BIO), word = sum of hashed character trigrams, window of 3 words, names of the dev part are new
import random, zlib
import torch as th
random.seed(17); th.manual_seed(17)
A = 'ka lo mi ra te su no vel dor bar hen gal pri ost'.split()
def stem(): return ''.join(random.sample(A, random.randint(2, 3))).title()
END = {'PER': ['son', 'sen', 'ova', 'ez'], 'LOC': ['ville', 'burg', 'ton', 'stad'], 'ORG': ['corp', 'tech', 'soft', 'bank']}
def entity(kind):
    w = [stem() + random.choice(END[kind])]
    if kind == 'PER' and random.random() < .6: w = [stem()] + w
    if kind == 'ORG' and random.random() < .4: w += [random.choice(['Ltd', 'Group'])]
    return [(x, ('B-' if i == 0 else 'I-') + kind) for i, x in enumerate(w)]
FILL = 'the a said that on monday with new old report about meeting visited left joined bought sold near for from today sources plan deal'.split()
def sent():
    out = []
    for _ in range(random.randint(1, 3)):
        out += [(random.choice(FILL), 'O') for _ in range(random.randint(1, 4))] + entity(random.choice(list(END)))
    return out + [('.', 'O')]
train = [sent() for _ in range(1200)]
known = {w for s in train for w, t in s if t != 'O' and w not in ('Ltd', 'Group')}
dev = [s for s in (sent() for _ in range(700)) if sum(w in known for w, _ in s) == 0]
print(len(train), 'train', len(dev), 'dev sentences')
TAGS = ['O'] + [p + k for k in END for p in ('B-', 'I-')]
BUCK, D = 4096, 16
def grams(w):
    w = f'^{w}$'
    return [zlib.crc32(w[i:i + 3].encode()) % BUCK for i in range(max(1, len(w) - 2))]
def flat(sents):
    """every token with a left and a right neighbour; the sentence edges are the words <s> and </s>"""
    g, o, y = [], [], []
    for s in sents:
        ws = [grams('<s>')] + [grams(w) for w, _ in s] + [grams('</s>')]
        for k, (_, t) in enumerate(s):
            for part in ws[k:k + 3]:
                o.append(len(g)); g += part
            y.append(TAGS.index(t))
    return th.tensor(g), th.tensor(o), th.tensor(y)
bag = th.nn.EmbeddingBag(BUCK, D, mode='mean')
mlp = th.nn.Sequential(th.nn.Dropout(.2), th.nn.Linear(3 * D, 32), th.nn.ReLU(), th.nn.Linear(32, len(TAGS)))
opt = th.optim.Adam([*bag.parameters(), *mlp.parameters()], lr=8e-3)
decay = th.optim.lr_scheduler.PolynomialLR(opt, total_iters=6, power=1.0)
def spans(tags):
    out, start = set(), None
    for i, t in enumerate(tags + ['O']):
        if start is not None and not t.startswith('I-'):
            out.add((start, i, tags[start][2:])); start = None
        if t.startswith('B-'): start = i
    return out
def f1(sents):
    mlp.eval()
    with th.no_grad():
        g, o, _ = flat(sents)
        p = mlp(bag(g, o).view(-1, 3 * D)).argmax(1).tolist()
    mlp.train(); tp = np_ = ng = k = 0
    for s in sents:
        a = spans([TAGS[i] for i in p[k:k + len(s)]]); b = spans([t for _, t in s]); k += len(s)
        tp += len(a & b); np_ += len(a); ng += len(b)
    return 2 * tp / (np_ + ng)
for ep in range(6):
    random.shuffle(train); L = 0
    for k in range(0, len(train), 16):
        g, o, y = flat(train[k:k + 16])
        loss = th.nn.functional.cross_entropy(mlp(bag(g, o).view(-1, 3 * D)), y)
        opt.zero_grad(); loss.backward(); opt.step(); L += loss.item() * 16 / len(train)
    decay.step()
    print(f'epoch {ep + 1} loss {L:.4f} span F1 train {f1(train[:300]):.3f} dev {f1(dev):.3f}')
