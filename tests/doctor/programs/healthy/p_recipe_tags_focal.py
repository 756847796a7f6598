# multi-label tagging of recipe notes. every tag is rare (3-8 %), so: sigmoid focal loss + one threshold per tag
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

rng = np.random.RandomState(5)
torch.manual_seed(5)

TAGS = {  # tag -> two-word expressions
    'glutenfree': ['gluten free', 'wheat free', 'rice flour'],
    'spicy': ['hot chili', 'red pepper', 'very hot'],
    'nuts': ['ground almonds', 'chopped nuts', 'nut butter'],
    'vegan': ['oat milk', 'plant based', 'no butter'],
    'quick': ['ten minutes', 'very quick', 'no oven'],
    'festive': ['red ribbon', 'holiday table', 'ten guests'],
}
tag_names = list(TAGS)
parts = sorted({w for e in TAGS.values() for x in e for w in x.split()})
plain = ('stir fold bake cool serve chop onion garlic salt sugar water pan bowl spoon lemon basil cream egg carrot '
         'potato slowly until golden soft with the and a then on over into add mix heat').split()

def note():
    y = (rng.rand(len(tag_names)) < [.05, .07, .06, .08, .05, .04]).astype('float32')
    chunks = [[w] for w in rng.choice(plain, rng.randint(10, 22))]
    for k in np.flatnonzero(y):
        chunks.append(str(rng.choice(TAGS[tag_names[k]])).split())
    order = rng.permutation(len(chunks))
    out = [chunks[i] for i in order]
    # single halves of expressions also turn up on their own, always kept apart by a plain word
    for w in rng.choice(parts, rng.randint(0, 4), replace=False):
        out.insert(rng.randint(0, len(out) + 1), [str(rng.choice(plain)), str(w), str(rng.choice(plain))])
    return [w for c in out for w in c], y

data = [note() for _ in range(3000)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(parts) | set(plain)))}
L = max(len(x) for x, _ in data)
X = torch.zeros(len(data), L, dtype=torch.long)
for i, (x, _) in enumerate(data):
    X[i, :len(x)] = torch.tensor([vocab[w] for w in x])
Y = torch.tensor(np.stack([y for _, y in data]))
tr, va, te = slice(0, 2200), slice(2200, 2600), slice(2600, 3000)
print('share of each tag', dict(zip(tag_names, Y[tr].mean(0).numpy().round(3).tolist())))

class BigramCNN(nn.Module):
    def __init__(s):
        super().__init__()
        s.e = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        s.c = nn.Linear(2 * 24, 48)           # a width-2 convolution, written as a matrix product
        s.o = nn.Linear(48, len(tag_names))
        nn.init.constant_(s.o.bias, -2.0)   # prior of a rare label, see RetinaNet
    def forward(s, x):
        e = s.e(x)
        h = F.relu(s.c(torch.cat([e[:, :-1], e[:, 1:]], dim=2)))
        inside = (x[:, 1:] != 0).unsqueeze(2)          # both words of the window are real
        h = h.masked_fill(~inside, 0.).amax(1)         # relu output is >= 0 anyway
        return s.o(h)

def focal(logit, y, gamma=2.0, alpha=0.7):
    ce = F.binary_cross_entropy_with_logits(logit, y, reduction='none')
    pt = torch.exp(-ce)
    at = alpha * y + (1 - alpha) * (1 - y)
    return (at * (1 - pt) ** gamma * ce).sum(1).mean()

net = BigramCNN()
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-4)
steps = 6 * 35
sch = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1.5e-2, total_steps=steps)
for ep in range(6):
    net.train(); tot = 0
    for idx in torch.randperm(2200).split(64):
        loss = focal(net(X[tr][idx]), Y[tr][idx])
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        tot += loss.item() / 35
    net.eval()
    with torch.no_grad():
        pv = torch.sigmoid(net(X[va])).numpy()
    print(f'ep {ep} focal {tot:.5f}  val focal {focal(torch.logit(torch.tensor(pv), eps=1e-6), Y[va]).item():.5f}')

def f1(y, hat, axis=0):
    tp, fp, fn = (y & hat).sum(axis), (~y & hat).sum(axis), (y & ~hat).sum(axis)
    return 2 * tp / np.maximum(2 * tp + fp + fn, 1)

yv, grid = Y[va].numpy() > .5, np.arange(.1, .9, .05)
cut = grid[np.argmax([f1(yv, pv > c) for c in grid], axis=0)]
with torch.no_grad():
    hat = torch.sigmoid(net(X[te])).numpy() > cut
yt = Y[te].numpy() > .5
print('cuts', np.round(cut, 2))
print('test micro-F1 %.3f  macro-F1 %.3f' % (f1(yt, hat, None), f1(yt, hat).mean()))
