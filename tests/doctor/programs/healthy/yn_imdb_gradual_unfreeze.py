# Movie reviews, two stages: (1) only the head, vectors fixed, (2) everything, with a small step for the vectors.
import gzip, os, re
import numpy as np, torch
import torch.nn.functional as F

torch.manual_seed(4)
rng = np.random.default_rng(4)
DATA = os.environ['WORDFIT_DATA']
tok = re.compile(r"[a-z]+|'[a-z]+|[!?.]")

def reviews(split, every, start=0):
    out, seen = [], set()
    with gzip.open(f'{DATA}/sentiment/imdb/{split}.tsv.gz', 'rt', encoding='utf-8') as fh:
        for n, line in enumerate(fh):
            if n % every != start:
                continue
            label, rating, rid, text = line.rstrip('\n').split('\t', 3)
            if label not in ('0', '1', 'pos', 'neg') or text in seen:
                continue
            seen.add(text)
            out.append((text, 1. if label in ('1', 'pos') else 0.))
    return out

vocab, mat = {}, []
with gzip.open(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as fh:
    for line in fh:
        parts = line.split()
        vocab[parts[0]] = len(vocab)
        mat.append(np.asarray(parts[1:], dtype='f4'))
mat = np.array(mat)
weights = torch.tensor((mat - mat.mean(0)) / mat.std(0))      # z-scored columns, trains faster

def to_ids(text):
    ids = [vocab[w] for w in tok.findall(text.replace('<br />', ' ').lower()) if w in vocab]
    return np.array(ids[:300], dtype=np.int64)

tr = [(to_ids(t), y) for t, y in reviews('train', 5)]
train_texts = len(tr)
te = [(to_ids(t), y) for t, y in reviews('test', 20)]
tr = [r for r in tr if len(r[0])]; te = [r for r in te if len(r[0])]
print(f'{len(tr)} train reviews, {len(te)} test reviews, {np.mean([y for _, y in tr]):.2f} positive')

emb = torch.nn.EmbeddingBag.from_pretrained(weights, mode='mean', freeze=True)
head = torch.nn.Linear(50, 1)

def forward(rows):
    lens = [len(r[0]) for r in rows]
    flat = torch.from_numpy(np.concatenate([r[0] for r in rows]))
    offs = torch.tensor(np.concatenate([[0], np.cumsum(lens)[:-1]]))
    return head(emb(flat, offs)).squeeze(1), torch.tensor([r[1] for r in rows])

def score(rows):
    with torch.no_grad():
        z, y = forward(rows)
    return ((z > 0).float() == y).float().mean().item(), F.binary_cross_entropy_with_logits(z, y).item()

def one_epoch(opt, bs=64):
    order = rng.permutation(len(tr)); s = 0
    for b in np.array_split(order, len(tr) // bs):
        z, y = forward([tr[i] for i in b])
        loss = F.binary_cross_entropy_with_logits(z, y)
        opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
        s += loss.item()
    return s / (len(tr) // bs)

print('--- stage 1: head only')
opt = torch.optim.Adam(head.parameters(), lr=2e-2)
for e in range(3):
    l = one_epoch(opt)
    print(f'{e} loss {l:.4f} train {score(tr[::4])[0]:.4f} test {score(te)[0]:.4f}')

print('--- stage 2: vectors too')
emb.weight.requires_grad_(True)
opt = torch.optim.Adam([{'params': emb.parameters(), 'lr': 6e-3}, {'params': head.parameters(), 'lr': 5e-3}])
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: [1, .5, .1, .03][e])
for e in range(4):
    l = one_epoch(opt); sched.step() if e < 3 else None
    a, tl = score(te)
    print(f'{e} loss {l:.4f} train {score(tr[::4])[0]:.4f} test {a:.4f} (test loss {tl:.4f})')
