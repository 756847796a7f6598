# which language is a caption in? raw UTF-8 bytes, random crops (a crop may cut a character in two, that's fine)
import os, csv, gzip, io
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
root = os.path.join(os.environ['WORDFIT_DATA'], 'glue', 'STS-B-multilingual')
langs = ['de', 'es', 'fr', 'zh']
CROP = 32

def raw(split, limit):
    docs, lab = [], []
    for k, l in enumerate(langs):
        with gzip.open(f'{root}/stsb-{l}-{split}.csv.gz') as f:
            rows = list(csv.reader(io.TextIOWrapper(f, encoding='utf-8', newline='')))
        seen = list(dict.fromkeys(r[0] for r in rows))[:limit]
        docs += [torch.tensor(list(s.encode('utf-8'))) for s in seen]
        lab += [k] * len(seen)
    return docs, torch.tensor(lab)

train_docs, train_y = raw('train', 500)
test_docs, test_y = raw('test', 200)
known = {bytes(d.tolist()) for d in train_docs}
keep = [i for i, d in enumerate(test_docs) if bytes(d.tolist()) not in known]
test_docs, test_y = [test_docs[i] for i in keep], test_y[keep]

def crop(docs, g=None):
    "one window per document; short ones are surrounded by 256 on both sides"
    out = torch.full((len(docs), CROP), 256)
    for r, d in enumerate(docs):
        n = len(d)
        if n > CROP:
            s = (n - CROP) // 2 if g is None else int(torch.randint(n - CROP + 1, (1,), generator=g))
            out[r] = d[s:s + CROP]
        else:
            s = (CROP - n) // 2
            out[r, s:s + n] = d
    return out

class ByteNet(nn.Module):
    def __init__(s, d=16, c=40):
        super().__init__()
        s.table = nn.Embedding(257, d, padding_idx=256)
        s.c1 = nn.Conv1d(d, c, 5, padding=2)
        s.c2 = nn.Conv1d(c, c, 3, padding=1)
        s.head = nn.Linear(c, len(langs))
    def forward(s, b):
        pad = (b == 256).unsqueeze(1)
        h = F.gelu(s.c1(s.table(b).transpose(1, 2))).masked_fill(pad, 0.)
        h = F.gelu(s.c2(h)).masked_fill(pad, -1e4)
        return s.head(h.max(-1).values)

m = ByteNet(); o = torch.optim.AdamW(m.parameters(), 4e-3, weight_decay=1e-3)
g = torch.Generator().manual_seed(1)
xt = crop(test_docs)
EP = 3
per = -(-len(train_y) // 64)
sch = torch.optim.lr_scheduler.OneCycleLR(o, 6e-3, total_steps=EP * per)
for e in range(EP):
    x = crop(train_docs, g)                      # fresh crops each epoch
    order = torch.randperm(len(x), generator=g)
    run, good = 0., 0
    m.train()
    for c in order.split(64):
        z = m(x[c]); l = F.cross_entropy(z, train_y[c])
        o.zero_grad(set_to_none=True); l.backward(); o.step(); sch.step()
        run += l.item() * len(c); good += (z.argmax(1) == train_y[c]).sum().item()
    m.eval()
    with torch.inference_mode():
        acc = (m(xt).argmax(1) == test_y).float().mean().item()
    print('ep', e, 'loss %.3f' % (run / len(x)), 'train %.3f' % (good / len(x)), 'test %.3f' % acc)
