# Tag quantities in recipes; micro-batches of 8 rows, one optimiser step per 4 of them, loss per token.
import random, torch
from torch import nn
random.seed(8); torch.manual_seed(8)
ITEMS = 'flour sugar butter milk rice salt oil cream'.split()
UNITS = 'cups grams spoons pinches litres'.split()
VERBS = 'add mix stir pour fold whisk'.split()
def line():
    w, t = [], []
    for _ in range(random.randint(1, 3)):
        w += [random.choice(VERBS)]; t += [0]
        if random.random() < .8:
            w += [str(random.randint(1, 9)), random.choice(UNITS), 'of']; t += [1, 2, 0]
        w += [random.choice(ITEMS)]; t += [3]
        if random.random() < .4:
            w += ['for', str(random.randint(1, 9)), 'minutes']; t += [0, 4, 4]    # a number that is no amount
    return w, t
rows = [line() for _ in range(900)]
v = {w: i + 1 for i, w in enumerate(sorted({w for r, _ in rows[:704] for w in r}))}
emb, gru, out = nn.Embedding(len(v) + 1, 16, padding_idx=0), nn.GRU(16, 20, bidirectional=True, batch_first=True), nn.Linear(40, 5)
net = nn.ModuleList([emb, gru, out])
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
def run(rs):
    packed = nn.utils.rnn.pack_sequence([emb(torch.tensor([v[w] for w in r])) for r, _ in rs], enforce_sorted=False)
    h = nn.utils.rnn.unpack_sequence(gru(packed)[0])
    return out(torch.cat(h)), torch.tensor([g for _, t in rs for g in t])
train, dev = rows[:704], rows[704:]
for ep in range(3):
    random.shuffle(train); s = n = 0
    for k in range(0, 704, 32):
        opt.zero_grad()
        group = train[k:k + 32]
        tokens = sum(len(r) for r, _ in group)
        for j in range(0, 32, 8):
            z, y = run(group[j:j + 8])
            part = nn.functional.cross_entropy(z, y, reduction='sum') / tokens
            part.backward()                       # adds up to the mean of the 32 rows
            s += part.item() * tokens
        opt.step(); n += tokens
    with torch.no_grad():
        z, y = run(dev)
    print(f'pass {ep}: loss {s / n:.4f}, held-out tokens right {(z.argmax(1) == y).float().mean():.4f}')
