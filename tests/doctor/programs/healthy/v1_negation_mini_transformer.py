"""Tiny transformer encoder: CLS token, learned positions, key padding mask, warm-up.
Task: sign of the last opinion word, flipped when 'not' stands directly before it."""
import random
import torch
import torch.nn as nn

random.seed(31); torch.manual_seed(31)
good, bad = 'good great lovely superb'.split(), 'bad awful poor dreadful'.split()
fill = 'film plot cast music was the scene actor story'.split()
VOC = ['[PAD]', '[CLS]', 'not'] + good + bad + fill
ID = {w: i for i, w in enumerate(VOC)}


def example():
    y = random.random() < .5
    w = random.choice(good if y else bad)
    toks = random.choices(fill, k=random.randint(3, 8))
    at = random.randint(1, len(toks))
    neg = random.random()
    if neg < .45:
        toks[at:at] = ['not', w]; y = not y
    elif neg < .6:
        toks[at:at] = [w]; toks.append('not')          # 'not' elsewhere does nothing
        if toks[at - 1] == 'not': y = not y
    else:
        toks[at:at] = [w]
    return tuple(['[CLS]'] + toks), int(y)


pool = {}
while len(pool) < 3000:
    t, y = example(); pool[t] = y
rows = list(pool.items()); random.shuffle(rows)


def tensors(part, width=12):
    x = torch.zeros(len(part), width, dtype=torch.long)
    for i, (t, _) in enumerate(part): x[i, :len(t)] = torch.tensor([ID[w] for w in t])
    return x, torch.tensor([y for _, y in part])


Xtr, Ytr = tensors(rows[:2500]); Xte, Yte = tensors(rows[2500:])


class MiniBert(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tok = nn.Embedding(len(VOC), d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(12, d) * .3)
        layer = nn.TransformerEncoderLayer(d, 4, 48, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2))

    def forward(self, x):
        h = self.enc(self.tok(x) + self.pos, src_key_padding_mask=x.eq(0))
        return self.cls(h[:, 0])


net = MiniBert()
EPOCHS, BS = 5, 50
total = EPOCHS * len(Xtr) // BS
opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 30, max(0.02, (total - s) / (total - 30))))
lossf = nn.CrossEntropyLoss()
for ep in range(EPOCHS):
    net.train(); acc = 0.
    for idx in torch.randperm(len(Xtr)).split(BS):
        opt.zero_grad()
        loss = lossf(net(Xtr[idx]), Ytr[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        acc += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        z = net(Xte)
    print(f'epoch {ep} train loss {acc / len(Xtr):.4f} test loss {lossf(z, Yte):.4f} test acc {(z.argmax(1) == Yte).float().mean():.4f}')
