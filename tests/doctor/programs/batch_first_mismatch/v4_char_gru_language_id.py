# char-level language identification on fixed windows (Multi30k captions), GRU reader
import gzip, os, random, time
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(0); random.seed(0); np.random.seed(0)
BASE = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS = ['en', 'de', 'fr', 'cs']
WIN = 24

def windows(split, per_lang):
    out = []
    for y, lg in enumerate(LANGS):
        with gzip.open(f'{BASE}/{split}.{lg}.gz', 'rt', encoding='utf-8') as f:
            lines = [l.strip().lower() for _, l in zip(range(4000), f)]
        random.shuffle(lines)
        k = 0
        for l in lines:
            if len(l) <= WIN: continue
            s = random.randrange(len(l) - WIN)
            out.append((l[s:s + WIN], y))
            k += 1
            if k == per_lang: break
    random.shuffle(out)
    return out

train = windows('train', 700)
valid = windows('val', 150)
chars = sorted({c for s, _ in train for c in s})
c2i = {c: i + 1 for i, c in enumerate(chars)}      # 0 = unseen character

def tensors(rows):
    x = torch.tensor([[c2i.get(c, 0) for c in s] for s, _ in rows])
    return x, torch.tensor([y for _, y in rows])

Xtr, ytr = tensors(train)
Xva, yva = tensors(valid)
print('chars', len(chars), 'train', Xtr.shape, 'valid', Xva.shape)

class Reader(nn.Module):
    def __init__(self, n_chars, e=16, h=40):
        super().__init__()
        self.emb = nn.Embedding(n_chars + 1, e)
        # fault:
        self.gru = nn.GRU(e, h)
        # mended:
        # self.gru = nn.GRU(e, h, batch_first=True)
        # end
        self.head = nn.Linear(h, len(LANGS))
    def forward(self, x):
        states, _ = self.gru(self.emb(x))
        return self.head(states[:, -1])

m = Reader(len(chars))
opt = torch.optim.Adam(m.parameters(), lr=1e-2)
warm, n_epochs, B = 10, 4, 50
steps = n_epochs * (len(Xtr) // B)
def lr_at(s):
    return 1e-2 * min(1.0, (s + 1) / warm) * (1 - 0.95 * s / steps)

s, t0 = 0, time.time()
for ep in range(n_epochs):
    m.train()
    perm = torch.randperm(len(Xtr))
    hit = tot = 0
    for i in range(0, len(perm), B):
        b = perm[i:i + B]
        for g in opt.param_groups: g['lr'] = lr_at(s)
        logits = m(Xtr[b])
        loss = nn.functional.cross_entropy(logits, ytr[b])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        opt.step(); s += 1
        hit += (logits.argmax(1) == ytr[b]).sum().item(); tot += len(b)
    m.eval()
    with torch.no_grad():
        va = (m(Xva).argmax(1) == yva).float().mean().item()
    print(f'{ep:2d}  loss {loss.item():.3f}  train {hit / tot:.3f}  valid {va:.3f}')
