"""
Address field tagger (old notebook, time-major batches).
tokens -> {OTHER, NUMBER, STREET, CITY, ZIP}
"""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(7)
torch.manual_seed(7)
TAGS = ['OTHER', 'NUMBER', 'STREET', 'CITY', 'ZIP']
first = ['oak', 'maple', 'washington', 'lake', 'hill', 'cedar', 'elm', 'park', 'pine', 'sunset', 'jackson', 'lincoln']
kind = ['street', 'avenue', 'road', 'lane', 'drive', 'boulevard']
city = ['springfield', 'jackson', 'lincoln', 'dayton', 'salem', 'madison', 'georgetown', 'franklin', 'washington', 'clinton']
before = ['please', 'send', 'it', 'to', 'my', 'new', 'address', 'is', 'deliver', 'the', 'parcel', 'at', 'we', 'live', 'now']
after = ['thanks', 'a', 'lot', 'ring', 'twice', 'the', 'bell', 'is', 'broken', 'call', 'me', 'at', 'before', 'noon']


def sample():
    toks, tags = [], []

    def add(ws, t):
        toks.extend(ws)
        tags.extend([TAGS.index(t)] * len(ws))
    add(random.choices(before, k=random.randint(2, 9)), 'OTHER')
    digits = [str(random.randint(1, 99))]
    add(digits, 'NUMBER')
    add([random.choice(first), random.choice(kind)], 'STREET')
    add(['in'] if random.random() < .5 else [','], 'OTHER')
    add([random.choice(city)], 'CITY')
    if random.random() < .6:
        add([str(random.randint(1, 99))], 'ZIP')
    add(random.choices(after, k=random.randint(1, 9)), 'OTHER')
    return toks, tags


corpus = [sample() for _ in range(1100)]
w2i = {'<pad>': 0}
for t, _ in corpus[:900]:
    for w in t:
        w2i.setdefault(w, len(w2i))
w2i['<unk>'] = len(w2i)


def to_batch(rows):
    x = pad_sequence([torch.tensor([w2i.get(w, w2i['<unk>']) for w in t]) for t, _ in rows])
    y = pad_sequence([torch.tensor(g) for _, g in rows], padding_value=-1)
    return x, y          # (T, B)


class Tagger(nn.Module):
    def __init__(self, n, emb=24, hid=32):
        super().__init__()
        self.emb = nn.Embedding(n, emb, padding_idx=0)
        self.rnn = nn.LSTM(emb, hid, bidirectional=True)
        self.lin = nn.Linear(2 * hid, len(TAGS))
        # fault:
        self.out = nn.LogSoftmax(dim=1)
        # mended:
        # self.out = nn.LogSoftmax(dim=-1)
        # end

    def forward(self, x):
        lengths = (x != 0).sum(0).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])
        return self.out(self.lin(h))


tr, va = corpus[:900], corpus[900:]
model = Tagger(len(w2i))
loss_function = nn.NLLLoss(ignore_index=-1)
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
BATCH = 30

for epoch in range(4):
    model.train()
    random.shuffle(tr)
    run = 0.
    for i in range(0, len(tr), BATCH):
        x, y = to_batch(tr[i:i + BATCH])
        model.zero_grad()
        loss = loss_function(model(x).reshape(-1, len(TAGS)), y.reshape(-1))
        loss.backward()
        optimizer.step()
        run += loss.item()
    model.eval()
    hit = tot = 0
    with torch.no_grad():
        for row in va:                     # one sentence at a time, as in the demo
            x, y = to_batch([row])
            m = y >= 0
            hit += (model(x).argmax(-1)[m] == y[m]).sum().item()
            tot += m.sum().item()
    print(f'Epoch {epoch + 1}/4 | loss {run * BATCH / len(tr):.4f} | val token acc {hit / tot:.4f}')
