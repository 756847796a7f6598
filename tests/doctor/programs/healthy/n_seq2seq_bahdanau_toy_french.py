# Following the "translation with a sequence to sequence network and attention" tutorial,
# but on a little phrase book I generate myself so it trains on my laptop.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)

PAD, SOS, EOS = 0, 1, 2

NOUNS = {'cat': 'chat', 'dog': 'chien', 'bird': 'oiseau', 'horse': 'cheval', 'boy': 'garcon', 'king': 'roi',
         'bread': 'pain', 'tree': 'arbre', 'book': 'livre', 'boat': 'bateau'}
ADJS = {'red': 'rouge', 'black': 'noir', 'sad': 'triste', 'calm': 'calme', 'clean': 'propre', 'poor': 'pauvre'}
VERBS = {'sees': 'voit', 'wants': 'veut', 'takes': 'prend', 'finds': 'trouve', 'sells': 'vend', 'paints': 'peint'}
DETS = {'the': 'le', 'a': 'un', 'this': 'ce', 'my': 'mon'}


def noun_phrase():
    d, n = random.choice(list(DETS)), random.choice(list(NOUNS))
    if random.random() < 0.55:
        a = random.choice(list(ADJS))
        return [d, a, n], [DETS[d], NOUNS[n], ADJS[a]]
    return [d, n], [DETS[d], NOUNS[n]]


def make_pair():
    (s1, t1), (s2, t2) = noun_phrase(), noun_phrase()
    v = random.choice(list(VERBS))
    if random.random() < 0.3:
        return s1 + ['never', v] + s2, t1 + ['ne', VERBS[v], 'jamais'] + t2
    return s1 + [v] + s2, t1 + [VERBS[v]] + t2


class Lang:
    def __init__(self):
        self.w2i = {'<pad>': PAD, '<sos>': SOS, '<eos>': EOS}
        self.i2w = ['<pad>', '<sos>', '<eos>']

    def add(self, words):
        for w in words:
            if w not in self.w2i:
                self.w2i[w] = len(self.i2w)
                self.i2w.append(w)


def pad(rows):
    m = max(map(len, rows))
    return torch.tensor([r + [PAD] * (m - len(r)) for r in rows])


class EncoderRNN(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.embedding = nn.Embedding(n, h, padding_idx=PAD)
        self.gru = nn.GRU(h, h, batch_first=True)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lens, batch_first=True, enforce_sorted=False)
        out, hid = self.gru(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=x.size(1))
        return out, hid


class AttnDecoderRNN(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.embedding = nn.Embedding(n, h, padding_idx=PAD)
        self.Wa, self.Ua, self.Va = nn.Linear(h, h), nn.Linear(h, h), nn.Linear(h, 1)
        self.gru = nn.GRU(2 * h, h, batch_first=True)
        self.out = nn.Linear(h, n)

    def step(self, tok, hid, enc, keys, mask):
        e = self.embedding(tok)
        score = self.Va(torch.tanh(self.Wa(hid[0]).unsqueeze(1) + keys)).squeeze(-1)
        w = F.softmax(score.masked_fill(~mask, -1e9), dim=-1)
        ctx = torch.bmm(w.unsqueeze(1), enc)
        o, hid = self.gru(torch.cat([e, ctx], -1), hid)
        return self.out(o[:, 0]), hid

    def forward(self, enc, hid, mask, target=None, max_len=12):
        B = enc.size(0)
        tok = torch.full((B, 1), SOS)
        keys, logits = self.Ua(enc), []
        for i in range(target.size(1) if target is not None else max_len):
            y, hid = self.step(tok, hid, enc, keys, mask)
            logits.append(y)
            tok = target[:, i:i + 1] if target is not None else y.argmax(-1, keepdim=True)
        return torch.stack(logits, 1)


pairs = {}
while len(pairs) < 1800:
    s, t = make_pair()
    pairs[' '.join(s)] = (s, t)
pairs = list(pairs.values())
src, tgt = Lang(), Lang()
for s, t in pairs:
    src.add(s)
    tgt.add(t)
data = [([src.w2i[w] for w in s] + [EOS], [tgt.w2i[w] for w in t] + [EOS]) for s, t in pairs]
train, test = data[:1500], data[1500:]

enc, dec = EncoderRNN(len(src.i2w), 32), AttnDecoderRNN(len(tgt.i2w), 32)
enc_opt = torch.optim.Adam(enc.parameters(), lr=8e-3)
dec_opt = torch.optim.Adam(dec.parameters(), lr=8e-3)
criterion = nn.NLLLoss(ignore_index=PAD)

for epoch in range(1, 5):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 40):
        b = train[k:k + 40]
        x, y = pad([s for s, _ in b]), pad([t for _, t in b])
        enc_opt.zero_grad()
        dec_opt.zero_grad()
        o, h = enc(x, torch.tensor([len(s) for s, _ in b]))
        logp = F.log_softmax(dec(o, h, x != PAD, y), -1)
        loss = criterion(logp.flatten(0, 1), y.flatten())
        loss.backward()
        enc_opt.step()
        dec_opt.step()
        total += loss.item() * len(b)
    print('%d  loss %.4f' % (epoch, total / len(train)))

enc.eval()
dec.eval()


def exact(rows):
    with torch.no_grad():
        x = pad([s for s, _ in rows])
        o, h = enc(x, torch.tensor([len(s) for s, _ in rows]))
        pred = dec(o, h, x != PAD).argmax(-1).tolist()
    hit = sum((p[:p.index(EOS) + 1] if EOS in p else p) == t for p, (_, t) in zip(pred, rows))
    return hit / len(rows), pred


acc, pred = exact(test)
for p, (s, t) in list(zip(pred, test))[:3]:
    print('>', ' '.join(src.i2w[i] for i in s[:-1]), '<', ' '.join(tgt.i2w[i] for i in (p[:p.index(EOS)] if EOS in p else p)))
print('exact match: train %.3f  test %.3f' % (exact(train[:200])[0], acc))
