# small Transformer encoder: is a line from Wikipedia, Reuters news, an IMDb review or an image caption?
import gzip, itertools, os, random, re
from collections import Counter
import torch, torch.nn as nn
random.seed(11); torch.manual_seed(11)
D = os.environ['WORDFIT_DATA']
FILES = {'wiki': 'corpora/enwiki-2018-sample.txt.gz', 'reuters': 'corpora/reuters-21578-bodies.txt.gz',
         'imdb': 'corpora/imdb-unsup-25k.txt.gz', 'captions': 'seq2seq/multi30k/train.en.gz'}
MAXLEN = 16
def chunk(path, want=900):
    out, seen = [], set()
    with gzip.open(f'{D}/{path}', 'rt', encoding='utf-8') as f:
        for line in itertools.islice(f, 20000):
            w = re.findall(r"[a-z]+|\d", line.lower()[:400])
            if len(w) < 7: continue
            w = w[:random.randint(7, MAXLEN)]
            if tuple(w) in seen: continue
            seen.add(tuple(w)); out.append(w)
            if len(out) == want: break
    return out
data = [(w, k) for k, p in enumerate(FILES.values()) for w in chunk(p)]
random.shuffle(data)
dev, train = data[:600], data[600:]
cnt = Counter(w for ws, _ in train for w in ws)
itos = ['<pad>', '<unk>', '<cls>'] + [w for w, c in cnt.items() if c > 1]
stoi = {w: i for i, w in enumerate(itos)}
def batch(rows):
    ids = [[2] + [stoi.get(w, 1) for w in ws] for ws, _ in rows]
    T = max(map(len, ids))
    return torch.tensor([r + [0] * (T - len(r)) for r in ids]), torch.tensor([k for _, k in rows])
class Encoder(nn.Module):
    def __init__(s, d=32):
        super().__init__()
        s.tok = nn.Embedding(len(itos), d, padding_idx=0)
        s.pos = nn.Parameter(torch.randn(MAXLEN + 1, d) * .1)
        lay = nn.TransformerEncoderLayer(d, 4, 64, dropout=.2, batch_first=True, norm_first=True)
        s.enc = nn.TransformerEncoder(lay, 1, enable_nested_tensor=False)
        s.norm = nn.LayerNorm(d)
        s.out = nn.Linear(d, len(FILES))
        s.drop = nn.Dropout(.3)
    def forward(s, x):
        h = s.enc(s.drop(s.tok(x) + s.pos[:x.size(1)]), src_key_padding_mask=x == 0)
        return s.out(s.norm(h[:, 0]))
model = Encoder()
STEPS, WARM, BS = 330, 30, 36
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=.05)
lr = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: (s + 1) / WARM if s < WARM else max(0., (STEPS - s) / (STEPS - WARM)))
def score(rows):
    model.eval()
    good = 0
    with torch.no_grad():
        for i in range(0, len(rows), 200):
            x, y = batch(rows[i:i + 200])
            good += (model(x).argmax(-1) == y).sum().item()
    model.train()
    return good / len(rows)
def stream():
    while True:
        random.shuffle(train)
        for i in range(0, len(train) - BS + 1, BS): yield batch(train[i:i + BS])
run = 0
for step, (x, y) in enumerate(itertools.islice(stream(), STEPS), 1):
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad(); loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step(); lr.step()
    run += loss.item()
    if step % 55 == 0:
        print(f'step {step} loss {run / 55:.4f} train {score(train[:600]):.3f} dev {score(dev):.3f}'); run = 0
