# "iki bin yüz kırk beş" -> 2145 : GRU encoder / attention decoder, greedy decoding
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23); torch.manual_seed(23)
ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


def words(n):
    w = []
    if n >= 1000:
        w += ([ONES[n // 1000]] if n >= 2000 else []) + ["bin"]
    h = n // 100 % 10
    if h:
        w += ([ONES[h]] if h > 1 else []) + ["yüz"]
    return w + [x for x in (TENS[n // 10 % 10], ONES[n % 10]) if x]


numbers = random.sample(range(1, 10000), 2200) + [n for n in range(1, 200)]
numbers = sorted(set(numbers))
random.shuffle(numbers)
train, dev = numbers[:-300], numbers[-300:]
src_vocab = {w: i + 1 for i, w in enumerate(w for w in ONES + TENS + ["yüz", "bin"] if w)}

# target side: ten digits and the markers
BOS, EOS = 10, 11
# fault:
PAD = EOS
# mended:
# PAD = 12
# end
MAXLEN = 8


def batch(ns):
    s = [[src_vocab[w] for w in words(n)] for n in ns]
    t = [[int(c) for c in str(n)] + [EOS] for n in ns]
    S, T = max(map(len, s)), max(map(len, t))
    src = torch.tensor([a + [0] * (S - len(a)) for a in s])
    out = torch.tensor([a + [PAD] * (T - len(a)) for a in t])
    return src, torch.cat([torch.full((len(ns), 1), BOS), out[:, :-1]], 1), out


class Seq2Seq(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.se = nn.Embedding(len(src_vocab) + 1, h, padding_idx=0)
        self.te = nn.Embedding(13, h)
        self.enc = nn.GRU(h, h // 2, batch_first=True, bidirectional=True)
        self.init = nn.Linear(h, h)
        self.cell = nn.GRUCell(2 * h, h)
        self.out = nn.Linear(2 * h, 13)

    def encode(self, src):
        pad = src == 0
        packed = nn.utils.rnn.pack_padded_sequence(self.se(src), (~pad).sum(1), batch_first=True, enforce_sorted=False)
        mem, hn = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        return mem, pad, torch.tanh(self.init(torch.cat([hn[0], hn[1]], 1)))

    def step(self, tok, h, ctx, mem, pad):
        h = self.cell(torch.cat([self.te(tok), ctx], 1), h)
        a = torch.bmm(mem, h.unsqueeze(2)).squeeze(2).masked_fill(pad, -1e9).softmax(1)
        ctx = (a.unsqueeze(2) * mem).sum(1)
        return self.out(torch.cat([h, ctx], 1)), h, ctx

    def forward(self, src, tin):
        mem, pad, h = self.encode(src)
        ctx, outs = torch.zeros_like(h), []
        for j in range(tin.size(1)):
            o, h, ctx = self.step(tin[:, j], h, ctx, mem, pad)
            outs.append(o)
        return torch.stack(outs, 1)

    @torch.no_grad()
    def greedy(self, src):
        mem, pad, h = self.encode(src)
        ctx, tok = torch.zeros_like(h), torch.full((len(src),), BOS)
        seqs = [[] for _ in range(len(src))]
        alive = [True] * len(src)
        for _ in range(MAXLEN):
            o, h, ctx = self.step(tok, h, ctx, mem, pad)
            tok = o.argmax(1)
            for i, k in enumerate(tok.tolist()):
                alive[i] = alive[i] and k != EOS
                if alive[i]:
                    seqs[i].append(k)
            if not any(alive):
                break
        return ["".join(map(str, s)) for s in seqs]


net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.4)
for epoch in range(6):
    net.train()
    random.shuffle(train)
    tot = n = 0
    for i in range(0, len(train), 32):
        src, tin, tout = batch(train[i:i + 32])
        loss = F.cross_entropy(net(src, tin).flatten(0, 1), tout.flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item(); n += 1
    sched.step()
    net.eval()
    hyp = net.greedy(batch(dev)[0])
    print(f"epoch {epoch} loss {tot / n:.4f} exact {sum(h == str(g) for h, g in zip(hyp, dev)) / len(dev):.3f} mean length {sum(map(len, hyp)) / len(hyp):.2f}   {' '.join(words(dev[0]))} -> {hyp[0]}")
