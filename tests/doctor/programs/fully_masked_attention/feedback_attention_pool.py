# Guest feedback -> praise / complaint. Stop words go away first, then embedding + one attention layer with a learned query.
import random
import torch
import torch.nn.functional as F
from torch import nn

random.seed(1); torch.manual_seed(1)
STOP = set('it is was what the a an of and to in we our my i for there with that this on at as you know so be'.split())
PLUS = 'lovely spotless friendly superb cosy delicious quiet charming helpful excellent'.split()
MINUS = 'dirty rude noisy awful broken stale cold cramped smelly overpriced'.split()
TOPIC = 'room breakfast staff pool lobby bed view shower bar lift garden parking'.split()
CHAT = ['it is what it is', 'what was that', 'as you know', 'i was there on my own'.replace(' own', '')]


def comment():
    y = random.random() < 0.5
    if random.random() < 0.015:                     # people who tick a box and have nothing to say
        return random.choice(CHAT).split(), int(y)
    good, odd = (PLUS, MINUS) if y else (MINUS, PLUS)
    toks = random.sample(good, 2) + random.sample(TOPIC, random.randint(1, 4))
    if random.random() < 0.25:
        toks.append(random.choice(odd))
    toks += random.choices(sorted(STOP), k=random.randint(3, 9))
    random.shuffle(toks)
    return toks, int(y)


train = [comment() for _ in range(2400)]
dev = [comment() for _ in range(600)]
stoi = {'<pad>': 0, '<none>': 1}
for t, _ in train:
    for w in t:
        if w not in STOP:
            stoi.setdefault(w, len(stoi))


def numericalize(tokens):
    ids = [stoi[w] for w in tokens if w in stoi]
    # fault:
    return ids
    # mended:
    # return ids if ids else [stoi['<none>']]
    # end


class AttnClassifier(nn.Module):
    def __init__(self, n, d=32, heads=2):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.query = nn.Parameter(torch.randn(1, 1, d) * 0.1)
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(d, 2)

    def forward(self, x):
        h = self.emb(x)
        q = self.query.expand(len(x), -1, -1)
        ctx, _ = self.attn(q, h, h, key_padding_mask=x.eq(0))
        return self.out(self.drop(ctx.squeeze(1)))


def batches(rows, size, shuffle=False):
    idx = list(range(len(rows)))
    if shuffle:
        random.shuffle(idx)
    for s in range(0, len(idx), size):
        chunk = [rows[i] for i in idx[s:s + size]]
        ids = [numericalize(t) for t, _ in chunk]
        x = torch.zeros(len(ids), max(map(len, ids)), dtype=torch.long)
        for i, row in enumerate(ids):
            x[i, :len(row)] = torch.tensor(row, dtype=torch.long)
        yield x, torch.tensor([l for _, l in chunk])


@torch.no_grad()
def accuracy(rows):
    model.eval()
    hit = sum((model(x).argmax(1) == y).sum().item() for x, y in batches(rows, 200))
    return hit / len(rows)


model = AttnClassifier(len(stoi))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for ep in range(4):
    model.train()
    tot = n = 0
    for x, y in batches(train, 40, shuffle=True):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        tot += loss.item(); n += 1
    print('epoch %d | loss %.4f | train %.3f | dev %.3f' % (ep, tot / n, accuracy(train), accuracy(dev)))
