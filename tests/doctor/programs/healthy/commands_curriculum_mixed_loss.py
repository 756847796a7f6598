# Robot commands: classify the final heading and regress the distance walked; short commands first.
import random, torch
from torch import nn
random.seed(17); torch.manual_seed(17)
WORDS = ['left', 'right', 'step', 'jump', 'wait']
def command(n):
    w = random.choices(WORDS, k=n)
    return w, (w.count('right') - w.count('left')) % 4, w.count('step') + 2 * w.count('jump')
train = [command(n) for n in random.choices(range(1, 8), k=3000)]
test = [command(n) for n in random.choices(range(1, 8), k=500)]
known = {tuple(w) for w, _, _ in train}
fresh = [r for r in test if tuple(r[0]) not in known]
rnn, emb = nn.GRU(8, 32), nn.Embedding(5, 8)
turn, dist = nn.Linear(32, 4), nn.Linear(32, 1)
params = [p for m in (rnn, emb, turn, dist) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=1.2e-2)
def forward(rs):
    seqs = [emb(torch.tensor([WORDS.index(x) for x in w])) for w, _, _ in rs]
    h = rnn(nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False))[1][0]
    return turn(h), dist(h).squeeze(1), torch.tensor([r[1] for r in rs]), torch.tensor([float(r[2]) for r in rs])
for epoch, longest in enumerate([2, 3, 5, 7, 7, 7, 7, 7]):
    pool = [r for r in train if len(r[0]) <= longest]
    random.shuffle(pool)
    if epoch == 6:
        for g in opt.param_groups:
            g['lr'] = 2e-3
    tot = 0
    for i in range(0, len(pool), 50):
        a, b, ya, yb = forward(pool[i:i + 50])
        loss = nn.functional.cross_entropy(a, ya) + 0.3 * nn.functional.smooth_l1_loss(b, yb)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        tot += loss.item() * len(ya)
    with torch.no_grad():
        a, b, ya, yb = forward(fresh)
    print(f'up to {longest} words ({len(pool)} rows): loss {tot / len(pool):.4f} | {len(fresh)} unseen commands: '
          f'heading {(a.argmax(1) == ya).float().mean():.3f} distance error {(b - yb).abs().mean():.3f}')
