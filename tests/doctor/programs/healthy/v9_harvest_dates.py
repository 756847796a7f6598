# Field diary -> date parts.  "3 of may 19" -> y19 m05 d03.  Encoder/decoder with attention, greedy decoding for the score.
import random
import torch
from torch import nn

rnd = random.Random(2)
torch.manual_seed(2)
MONTHS = "january february march april may june july august september october november december".split()
CROPS = ["wheat", "barley", "maize", "beet", "rape", "oats", "rye", "hay"]
VERBS = ["cut", "sown", "sprayed", "drilled", "baled"]


def entry():
    d, m, y = rnd.randint(1, 28), rnd.randint(1, 12), rnd.randint(10, 24)
    form = rnd.randrange(3)
    if form == 0:
        date = [str(d), "of", MONTHS[m - 1], str(y)]
    elif form == 1:
        date = [MONTHS[m - 1], str(d), ",", "20", str(y)]
    else:
        date = [str(d), MONTHS[m - 1][:3], str(y)]
    words = [rnd.choice(CROPS), rnd.choice(VERBS)]
    src = words + date if rnd.random() < 0.5 else date + words
    return tuple(src), (f"y{y}", f"m{m:02d}", f"d{d:02d}")


pairs = {}
while len(pairs) < 3600:
    s, t = entry()
    pairs[s] = t
rows = list(pairs.items())
train, test = rows[:3200], rows[3200:]
src_ix = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for s, _ in train for w in s}))}
tgt = ["<pad>", "<go>", "<stop>"] + sorted({w for _, t in rows for w in t})
tgt_ix = {w: i for i, w in enumerate(tgt)}


class Encoder(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.rnn = nn.GRU(d, d // 2, bidirectional=True, batch_first=True)

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        return nn.utils.rnn.pad_packed_sequence(out, batch_first=True)[0], torch.cat([h[0], h[1]], 1).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, n)

    def forward(self, y, memory, pad, h):
        q, h = self.rnn(self.emb(y), h)
        a = (q @ memory.transpose(1, 2) / q.size(-1) ** 0.5).masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([q, a @ memory], -1)), h


enc, dec = Encoder(len(src_ix), 48), Decoder(len(tgt), 48)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=4e-3)


def sources(batch):
    ids = [[src_ix.get(w, 1) for w in s] for s, _ in batch]
    w = max(map(len, ids))
    return torch.tensor([i + [0] * (w - len(i)) for i in ids])


def greedy(batch, limit=5):
    enc.eval(), dec.eval()
    with torch.no_grad():
        x = sources(batch)
        mem, h = enc(x)
        y = torch.full((len(batch), 1), tgt_ix["<go>"])
        made = []
        for _ in range(limit):
            z, h = dec(y, mem, x == 0, h)
            y = z[:, -1].argmax(-1, keepdim=True)
            made.append(y)
    lines = []
    for r in torch.cat(made, 1).tolist():
        lines.append(tuple(tgt[i] for i in (r[:r.index(2)] if 2 in r else r)))
    return lines


def exact(batch):
    return sum(g == t for g, (_, t) in zip(greedy(batch), batch)) / len(batch)


for epoch in range(5):
    enc.train(), dec.train()
    rnd.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 64):
        b = train[i:i + 64]
        y = torch.tensor([[1] + [tgt_ix[w] for w in t] + [2] for _, t in b])
        x = sources(b)
        mem, h = enc(x)
        z, _ = dec(y[:, :-1], mem, x == 0, h)
        loss = nn.functional.cross_entropy(z.flatten(0, 1), y[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1} loss {total / 50:.3f} exact on new entries {exact(test):.3f}")
print("exact on training entries", exact(train[:400]))
for (s, t), g in list(zip(test, greedy(test)))[:3]:
    print(" ".join(s), "->", "-".join(g))
