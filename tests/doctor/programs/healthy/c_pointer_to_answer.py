# Pointer network: "<name> has <n> <item> ; ... ? <item>" -> the position of the owner's name. Output size = sentence length.
import random, torch
from torch import nn
random.seed(21); torch.manual_seed(21)
NAMES = "ann bob cid dora eve finn gus hal".split(); ITEMS = "apples pens coins books hats cups".split()
words = ["<pad>", "has", ";", "?"] + NAMES + ITEMS; ix = {w: i for i, w in enumerate(words)}

def story():
    k = random.randint(2, 4)
    who, what = random.sample(NAMES, k), random.sample(ITEMS, k)
    a = random.randrange(k)
    toks = ["?", what[a]]
    for n, w in zip(who, what): toks += [";", n, "has", w]
    return [ix[t] for t in toks], toks.index(who[a])

def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True)
    return x, torch.tensor([p for _, p in rows])

class Pointer(nn.Module):
    def __init__(s, v, d=32):
        super().__init__()
        s.e = nn.Embedding(v, d, padding_idx=0)
        s.near = nn.Conv1d(d, d, 5, padding=2)
        s.key, s.query = nn.Linear(d, d), nn.Linear(d, d)
    def forward(s, x):
        e = s.e(x)
        h = torch.relu(s.near(e.transpose(1, 2)).transpose(1, 2))
        score = (s.key(h) @ s.query(e[:, 1]).unsqueeze(2)).squeeze(2)
        return score.masked_fill(x == 0, float("-inf"))

train = [story() for _ in range(4000)]
seen = {tuple(r) for r, _ in train}
test = [s for s in (story() for _ in range(900)) if tuple(s[0]) not in seen]
X, Y = tensors(train); XT, YT = tensors(test)
net = Pointer(len(words)); opt = torch.optim.Adam(net.parameters(), 1.5e-3)
for epoch in range(4):
    tot = 0
    for b in torch.randperm(len(X)).split(80):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() * len(b)
    with torch.no_grad(): acc = (net(XT).argmax(1) == YT).float().mean().item()
    print("epoch", epoch, "loss %.4f" % (tot / len(X)), "pointed right %.4f of %d" % (acc, len(YT)))
