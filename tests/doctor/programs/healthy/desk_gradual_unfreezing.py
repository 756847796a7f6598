# Transfer learning recipe: first only the head, then the projection, at last the vectors themselves (small rate).
import gzip, os, random
import torch
from torch import nn

random.seed(21); torch.manual_seed(21)
root = os.environ['WORDFIT_DATA']

def take(path, n, enc='utf-8'):
    f = gzip.open(path, 'rt', encoding=enc) if path.endswith('gz') else open(path, encoding=enc)
    with f:
        ls = [l.rsplit('@', 1)[0].lower().split()[:40] for l in f]
    return random.sample([l for l in ls if len(l) > 4], n)

sources = {'finance': take(root + '/sentiment/financial-phrasebank/Sentences_50Agree.txt', 1000),
           'film': take(root + '/sentiment/MR/rt-polarity.pos', 1000, 'latin-1'),
           'pictures': take(root + '/seq2seq/multi30k/train.en.gz', 1000)}
data = [(t, k) for k, v in enumerate(sources.values()) for t in v]
random.shuffle(data)
used = {w for t, _ in data for w in t}
stoi, vecs = {'<pad>': 0, '<unk>': 1}, [torch.zeros(50), torch.zeros(50)]
with gzip.open(root + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.split(' ', 1)
        if w in used:
            stoi[w] = len(stoi)
            vecs.append(torch.tensor([float(x) for x in rest.split()]))
vecs = torch.stack(vecs)
vecs[1] = vecs[2:].mean(0)

emb = nn.Embedding.from_pretrained(vecs, freeze=True, padding_idx=0)
proj = nn.Sequential(nn.Linear(50, 32), nn.ReLU())
head = nn.Linear(32, 3)
stages = [(head, 1e-2), (proj, 3e-3), (emb, 5e-4)]
for m, _ in stages:
    m.requires_grad_(False)
opt = None

def forward(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in t]) for t, _ in rows], batch_first=True)
    keep = (x != 0).unsqueeze(-1)
    v = (emb(x) * keep).sum(1) / keep.sum(1)
    return head(proj(v)), torch.tensor([k for _, k in rows])

train, dev = data[:2400], data[2400:]
for epoch in range(6):
    if epoch in (0, 1, 4):                       # open one more stage
        module, lr = stages[(0, 1, 4).index(epoch)]
        module.requires_grad_(True)
        if opt is None:
            opt = torch.optim.Adam(module.parameters(), lr=lr)
        else:
            opt.add_param_group({'params': module.parameters(), 'lr': lr})
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 40):
        out, y = forward(train[i:i + 40])
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        out, y = forward(dev)
    trained = sum(p.numel() for m, _ in stages for p in m.parameters() if p.requires_grad)
    print(f'epoch {epoch}: {trained} weights open, loss {tot / len(train):.4f}, dev accuracy {(out.argmax(1) == y).float().mean():.4f}')
