"""Inverse text normalisation: 'four thousand twenty one' -> 4021. GRU encoder/decoder, dot attention, greedy decoding up to <eos>."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

random.seed(12); torch.manual_seed(12)
UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n >= 1000:
        return [UNITS[n // 1000], "thousand"] + (spell(n % 1000) if n % 1000 else [])
    if n >= 100:
        return [UNITS[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])
    if n >= 20:
        return [TENS[n // 10 - 2]] + ([UNITS[n % 10]] if n % 10 else [])
    return [UNITS[n]]


SRC = {w: i + 1 for i, w in enumerate(UNITS + TENS + ["hundred", "thousand"])}
PAD, BOS, EOS = 10, 11, 12                       # 0..9 are the digits
numbers = random.sample(range(1, 10000), 2950)
train, test = numbers[:2700], numbers[2700:]


def batch(ns):
    ns = sorted(ns, key=lambda n: -len(spell(n)))
    src = [torch.tensor([SRC[w] for w in spell(n)]) for n in ns]
    tgt = [torch.tensor([BOS] + [int(c) for c in str(n)] + [EOS]) for n in ns]
    return (nn.utils.rnn.pad_sequence(src), [len(s) for s in src],
            nn.utils.rnn.pad_sequence(tgt, padding_value=PAD), ns)


class Seq2Seq(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.se, self.te = nn.Embedding(len(SRC) + 1, 16, padding_idx=0), nn.Embedding(13, 16, padding_idx=PAD)
        self.enc, self.dec = nn.GRU(16, h // 2, bidirectional=True), nn.GRU(16, h)
        self.bridge, self.out = nn.Linear(h, h), nn.Linear(2 * h, 13)

    def encode(self, src, lens):
        mem, hn = self.enc(pack_padded_sequence(self.se(src), lens))
        mem, _ = pad_packed_sequence(mem)
        h0 = torch.tanh(self.bridge(torch.cat([hn[0], hn[1]], -1)))[None]
        return mem, src == 0, h0

    def step(self, y, h, mem, blank):
        o, h = self.dec(self.te(y), h)                              # (t, B, H)
        w = torch.einsum("tbh,sbh->tbs", o, mem).masked_fill(blank.T[None], -1e9).softmax(-1)
        c = torch.einsum("tbs,sbh->tbh", w, mem)
        return self.out(torch.cat([o, c], -1)), h

    def forward(self, src, lens, y):
        mem, blank, h = self.encode(src, lens)
        return self.step(y, h, mem, blank)[0]

    @torch.no_grad()
    def translate(self, src, lens, limit=8):
        mem, blank, h = self.encode(src, lens)
        y = torch.full((1, src.shape[1]), BOS)
        done, out = torch.zeros(src.shape[1], dtype=torch.bool), [[] for _ in lens]
        for _ in range(limit):
            z, h = self.step(y, h, mem, blank)
            y = z.argmax(-1)
            done |= y[0] == EOS
            if done.all():
                break
            for i, k in enumerate(y[0].tolist()):
                if not done[i]:
                    out[i].append(str(k))
        return ["".join(o) if d else "".join(o) + "..." for o, d in zip(out, done)]


def exact(net, ns):
    net.eval()
    src, lens, _, ns = batch(ns)
    return sum(h == str(n) for h, n in zip(net.translate(src, lens), ns)) / len(ns)


net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
crit = nn.CrossEntropyLoss(ignore_index=PAD)
EPOCHS = 5
for epoch in range(EPOCHS):
    net.train(); random.shuffle(train); total = 0.
    for g in opt.param_groups:
        g["lr"] = 8e-3 * (1 - epoch / EPOCHS) ** .9
    for i in range(0, len(train), 50):
        src, lens, tgt, _ = batch(train[i:i + 50])
        logits = net(src, lens, tgt[:-1])
        loss = crit(logits.flatten(0, 1), tgt[1:].flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total += loss.item() / 54
    print(f"epoch {epoch} loss {total:.4f} exact match on unseen numbers {exact(net, test):.3f}")
print("exact match train %.3f" % exact(net, train[:300]))
