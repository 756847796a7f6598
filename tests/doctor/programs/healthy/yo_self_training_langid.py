"""Self-training: 200 labelled captions, a pool without labels, confident guesses join the next round."""
import gzip, os, zlib
import numpy as np
import torch
torch.manual_seed(6)
rng = np.random.RandomState(6)
base, langs, BUCKETS = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/', ('en', 'de', 'fr', 'cs'), 4096

def lines(lang, split, n):
    with gzip.open(base + f'{split}.{lang}.gz', 'rt', encoding='utf-8') as f:
        ls = sorted({l.strip().lower() for l in f})
    return [ls[i] for i in rng.choice(len(ls), n, replace=False)]

def feats(text):
    t = f' {text[:40]} '                           # only the first 40 letters
    return [zlib.crc32(t[i:i + 3].encode()) % BUCKETS for i in range(len(t) - 2)]

def bag(rows):
    flat, off = [], []
    for r in rows:
        off.append(len(flat)); flat += r
    return torch.tensor(flat), torch.tensor(off)

rows, ys = [], []
for k, l in enumerate(langs):
    for t in lines(l, 'train', 650):
        rows.append(feats(t)); ys.append(k)
p = rng.permutation(len(rows))
rows, ys = [rows[i] for i in p], torch.tensor(ys)[torch.from_numpy(p)]
test = [(feats(t), k) for k, l in enumerate(langs) for t in lines(l, 'test_2016_flickr', 200)]
test_bag, test_y = bag([r for r, _ in test]), torch.tensor([k for _, k in test])
n_lab = 200
pool = bag(rows[n_lab:])

def fit(r, y, w, epochs=8):
    m = torch.nn.EmbeddingBag(BUCKETS, 4, mode='mean')      # a linear classifier over hashed trigrams
    torch.nn.init.zeros_(m.weight)
    o = torch.optim.Adam(m.parameters(), lr=.15)
    for e in range(epochs):
        for ids in torch.randperm(len(r)).split(50):
            z = m(*bag([r[i] for i in ids]))
            l = (torch.nn.functional.cross_entropy(z, y[ids], reduction='none', label_smoothing=.05) * w[ids]).sum() / w[ids].sum()
            o.zero_grad(); l.backward(); o.step()
    return m, l.item()

cur_r, cur_y, cur_w = rows[:n_lab], ys[:n_lab], torch.ones(n_lab)
for rnd in range(3):
    model, last = fit(cur_r, cur_y, cur_w)
    with torch.no_grad():
        acc = (model(*test_bag).argmax(1) == test_y).float().mean().item()
        conf, guess = model(*pool).softmax(1).max(1)
    take = (conf > .6).nonzero().flatten().tolist()
    good = (guess[take] == ys[n_lab:][take]).float().mean().item()
    print(f'round {rnd}: {len(cur_r)} rows, last loss {last:.3f}, test acc {acc:.4f}; takes {len(take)} guesses ({good:.3f} right)')
    cur_r = rows[:n_lab] + [rows[n_lab + i] for i in take]
    cur_y = torch.cat([ys[:n_lab], guess[take]])
    cur_w = torch.cat([torch.ones(n_lab), conf[take]])
