"""BERT-like masked prediction on melodies (scale degrees): 15 % of the notes are hidden, all others have no target."""
import random
import torch
import torch.nn as nn

random.seed(58)
torch.manual_seed(58)
MASK, PAD = 24, 25
SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 10]}


def melody():
    root, scale = random.randrange(12), random.choice(list(SCALES.values()))
    motif, step = [], random.randrange(7)
    for _ in range(4):
        step = (step + random.choice([-1, 1, 1, 2])) % 7
        motif.append(step)
    notes = []
    for rep in range(random.randint(3, 6)):
        notes += [(root + scale[s]) for s in motif]
    return notes


tunes = [list(t) for t in sorted({tuple(melody()) for _ in range(7000)})]
random.shuffle(tunes)
tunes = tunes[:4000]
print(len(tunes), "tunes")
train, dev = tunes[:3500], tunes[3500:]
LEN = 24


def batch(rows, gen):
    x = torch.full((len(rows), LEN), PAD)
    for i, r in enumerate(rows):
        x[i, :len(r)] = torch.tensor(r)
    y = torch.full_like(x, -100)
    hide = (torch.rand(x.shape, generator=gen) < 0.15) & (x != PAD)
    hide[:, 0] |= ~hide.any(1)
    y[hide] = x[hide]
    return x.masked_fill(hide, MASK), y


class Bert(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(26, d, padding_idx=PAD), nn.Embedding(LEN, d)
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, 24)

    def forward(self, x):
        h = self.tok(x) + self.pos.weight
        return self.out(self.norm(self.enc(h, src_key_padding_mask=x == PAD)))


g = torch.Generator().manual_seed(1)
dx, dy = batch(dev, torch.Generator().manual_seed(2))
net = Bert()
EPOCHS = 6
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-3, total_steps=EPOCHS * 70)
lossf = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    net.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 50):
        x, y = batch(train[i:i + 50], g)
        loss = lossf(net(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        run += loss.item()
    net.eval()
    with torch.no_grad():
        o = net(dx)
        m = dy != -100
        acc = (o.argmax(-1)[m] == dy[m]).float().mean().item()
    print(f"epoch {epoch} loss {run / 70:.3f} hidden notes right {acc:.3f} (dev loss {lossf(o.flatten(0, 1), dy.flatten()).item():.3f})")
