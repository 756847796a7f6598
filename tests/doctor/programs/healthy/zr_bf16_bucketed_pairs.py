# Does the German line belong to the English line? bfloat16 autocast on CPU, length buckets, two micro-batches a step.
import gzip, os, random, re
import torch
from torch import nn
from torch.utils.data import Sampler, DataLoader, Dataset

random.seed(1); torch.manual_seed(1)
root = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
tok = lambda s: re.findall(r"\w+", s.lower())


def read(name, n):
    with gzip.open(root + name, "rt", encoding="utf-8") as f:
        return [tok(l) for _, l in zip(range(n), f)]


def vocabulary(lines, size=400):
    c = {}
    for l in lines:
        for w in l:
            c[w] = c.get(w, 0) + 1
    return {w: i + 2 for i, w in enumerate(sorted(c, key=lambda w: (-c[w], w))[:size])}     # 0 pad, 1 unknown


tr, va = [read(f"train.{l}.gz", 7000) for l in ("en", "de")], [read(f"val.{l}.gz", 500) for l in ("en", "de")]
voc = [vocabulary(tr[0]), vocabulary(tr[1])]


class Aligned(Dataset):
    def __init__(self, en, de):
        enc = lambda k, s: torch.tensor([voc[k].get(w, 1) for w in s])
        self.items = [(enc(0, a), enc(1, b)) for a, b in zip(en, de) if a and b]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class LengthBuckets(Sampler):
    """shuffled, sorted by length within pools of 20 batches, batches in random order"""
    def __init__(self, ds, bs):
        self.ds, self.bs = ds, bs

    def __len__(self):
        return len(self.ds) // self.bs

    def __iter__(self):
        idx = random.sample(range(len(self.ds)), len(self.ds))
        out = []
        for p in range(0, len(idx), self.bs * 20):
            pool = sorted(idx[p:p + self.bs * 20], key=lambda i: len(self.ds[i][1]))
            out += [pool[k:k + self.bs] for k in range(0, len(pool) - self.bs + 1, self.bs)]
        random.shuffle(out)
        return iter(out)


def collate(pairs):
    return tuple(nn.utils.rnn.pad_sequence([p[k] for p in pairs], batch_first=True) for k in (0, 1))


class Side(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.e = nn.Embedding(n + 2, d, padding_idx=0)
        self.att = nn.Linear(d, 1)
        self.up = nn.Linear(d, d)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        h = self.drop(self.e(x))
        s = self.att(torch.tanh(h)).squeeze(-1).float().masked_fill(x == 0, -1e9)
        v = (s.softmax(1).unsqueeze(2) * h.float()).sum(1)
        return nn.functional.normalize(self.up(v).float(), dim=1)


left, right = Side(len(voc[0])), Side(len(voc[1]))
scale = nn.Parameter(torch.tensor(2.0))
params = [*left.parameters(), *right.parameters(), scale]
opt = torch.optim.AdamW(params, lr=1e-2, weight_decay=1e-2)
ds, dv = Aligned(*tr), Aligned(*va)
dl = DataLoader(ds, batch_sampler=LengthBuckets(ds, 64), collate_fn=collate)
ACCUM, EPOCHS = 2, 3
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 3e-2, total_steps=EPOCHS * len(dl) // ACCUM)


def contrast(a, b):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        u, v = left(a), right(b)
    z = scale.exp() * u @ v.T                               # float32 again: the loss is kept out of autocast
    t = torch.arange(len(z))
    return (nn.functional.cross_entropy(z, t) + nn.functional.cross_entropy(z.T, t)) / 2, z


@torch.no_grad()
def evaluate(data, bs=50):
    left.eval(); right.eval()
    hits = loss = n = 0
    for i in range(0, min(len(data), 500), bs):
        l, z = contrast(*collate([data[j] for j in range(i, i + bs)]))
        hits += (z.argmax(1) == torch.arange(len(z))).sum().item(); loss += l.item() * len(z); n += len(z)
    return loss / n, hits / n


for ep in range(EPOCHS):
    left.train(); right.train()
    run = 0.0
    for step, (a, b) in enumerate(dl):
        loss, _ = contrast(a, b)
        (loss / ACCUM).backward()                           # grads of two micro-batches add up
        run += loss.item()
        if (step + 1) % ACCUM == 0:
            nn.utils.clip_grad_norm_(params, 1.0)
            opt.step(); sched.step(); opt.zero_grad()
    print("epoch %d  loss %.3f | 50-way, same 500 train rows: loss %.3f acc %.3f | valid: loss %.3f acc %.3f"
          % (ep + 1, run / (step + 1), *evaluate(ds), *evaluate(dv)))
