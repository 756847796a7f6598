"""
Spell-to-digits: "four thousand two hundred seven" -> 4 2 0 7 <eos>
GRU encoder, attention decoder. Greedy decoding gives the score.
"""
import random
import torch
import torch.nn as nn

torch.manual_seed(0)
random.seed(0)

ONES = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split()
TENS = 'x x twenty thirty forty fifty sixty seventy eighty ninety'.split()


def spell(n):
    out = []
    if n >= 1000:
        out += [ONES[n // 1000], 'thousand']
        n %= 1000
    if n >= 100:
        out += [ONES[n // 100], 'hundred']
        n %= 100
    if n >= 20:
        out.append(TENS[n // 10])
        n %= 10
    if n or not out:
        out.append(ONES[n])
    return out


SRC = {w: i + 1 for i, w in enumerate(ONES + TENS[2:] + ['hundred', 'thousand'])}   # 0 is padding
PAD, BOS, EOS = 10, 11, 12
numbers = random.sample(range(10000), 2800)
train_n, test_n = numbers[:2500], numbers[2500:]


def batchify(ns):
    src = [[SRC[w] for w in spell(n)] for n in ns]
    tgt = [[BOS] + [int(c) for c in str(n)] + [EOS] for n in ns]
    S, T = max(map(len, src)), max(map(len, tgt))
    return (torch.tensor([s + [0] * (S - len(s)) for s in src]),
            torch.tensor([len(s) for s in src]),
            torch.tensor([t + [PAD] * (T - len(t)) for t in tgt]))


class Seq2Seq(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.se = nn.Embedding(len(SRC) + 1, d, padding_idx=0)
        self.te = nn.Embedding(13, d)
        self.enc = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * d, d)
        self.keys = nn.Linear(2 * d, d)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, 13)

    def encode(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.se(src), lens, batch_first=True, enforce_sorted=False)
        o, h = self.enc(packed)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return self.keys(o), torch.tanh(self.bridge(torch.cat([h[0], h[1]], -1)))[None], src == 0

    def decode(self, tok, h, keys, blocked):
        o, h = self.dec(self.te(tok), h)
        score = o @ keys.transpose(1, 2) / keys.size(-1) ** 0.5
        att = score.masked_fill(blocked[:, None], float('-inf')).softmax(-1)
        return self.out(torch.cat([o, att @ keys], -1)), h


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
crit = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def exact_match(ns):
    model.eval()
    src, lens, tgt = batchify(ns)
    keys, h, blocked = model.encode(src, lens)
    tok = torch.full((len(ns), 1), BOS)
    pred = [[] for _ in ns]
    done = [False] * len(ns)
    for _ in range(7):
        logits, h = model.decode(tok, h, keys, blocked)
        tok = logits.argmax(-1)
        for i, t in enumerate(tok[:, 0].tolist()):
            if t == EOS:
                done[i] = True
            elif not done[i]:
                pred[i].append(t)
    return sum(d and p == [int(c) for c in str(n)] for d, p, n in zip(done, pred, ns)) / len(ns)


EPOCHS = 4
for ep in range(EPOCHS):
    for g in opt.param_groups:
        g['lr'] = 6e-3 * (1 - ep / EPOCHS)
    model.train()
    random.shuffle(train_n)
    total = 0
    for k in range(0, len(train_n), 50):
        src, lens, tgt = batchify(train_n[k:k + 50])
        keys, h, blocked = model.encode(src, lens)
        logits, _ = model.decode(tgt[:, :-1], h, keys, blocked)
        loss = crit(logits.reshape(-1, 13), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(src)
    print(f'epoch {ep}: loss {total / len(train_n):.4f}  exact match test {exact_match(test_n):.3f}')
print('exact match train', exact_match(train_n[:500]), 'test', exact_match(test_n))
