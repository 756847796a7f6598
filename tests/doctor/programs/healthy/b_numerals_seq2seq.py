# "three hundred forty two" -> 3 4 2 <eos>.  Encoder-decoder with dot attention. Scores come from greedy decoding only.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    if n < 20: return [ONES[n]]
    if n < 100: return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000: return [ONES[n // 100], "hundred"] + (["and"] + say(n % 100) if n % 100 else [])
    return say(n // 1000) + ["thousand"] + ((["and"] if n % 1000 < 100 else []) + say(n % 1000) if n % 1000 else [])


PAD, BOS, EOS = 0, 1, 2
words = {w: i + 1 for i, w in enumerate(sorted(set(ONES) | set(TENS) - {"_"} | {"hundred", "thousand", "and"}))}
rnd = random.Random(100)
numbers = rnd.sample(range(1, 100000), 3900)
train, test = numbers[:3500], numbers[3500:]


def tensors(ns):
    src = nn.utils.rnn.pad_sequence([torch.tensor([words[w] for w in say(n)]) for n in ns], batch_first=True)
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([BOS] + [int(c) + 3 for c in str(n)] + [EOS]) for n in ns], batch_first=True)
    return src, tgt


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src = nn.Embedding(len(words) + 1, d, padding_idx=PAD)
        self.enc = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)
        self.tgt = nn.Embedding(13, d, padding_idx=PAD)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, 13)

    def encode(self, src):
        n = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src(src), n, batch_first=True, enforce_sorted=False)
        o, h = self.enc(packed)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return o, torch.cat([h[0], h[1]], 1).unsqueeze(0), src != PAD

    def decode(self, y, memory, h, mask):
        s, h = self.dec(self.tgt(y), h)
        a = (s @ memory.transpose(1, 2)).masked_fill(~mask[:, None], float("-inf")).softmax(-1)
        return self.out(torch.tanh(self.mix(torch.cat([s, a @ memory], -1)))), h

    def forward(self, src, y_in):
        memory, h, mask = self.encode(src)
        return self.decode(y_in, memory, h, mask)[0]

    @torch.no_grad()
    def greedy(self, src, limit=8):
        memory, h, mask = self.encode(src)
        y = torch.full((len(src), 1), BOS)
        done, outs = torch.zeros(len(src), dtype=torch.bool), []
        for _ in range(limit):
            z, h = self.decode(y, memory, h, mask)
            y = z[:, -1].argmax(-1, keepdim=True)
            outs.append(y.masked_fill(done[:, None], PAD))
            done |= y[:, 0] == EOS
            if done.all():
                break
        return torch.cat(outs, 1)


def to_string(row):
    out = ""
    for t in row.tolist():
        if t == EOS:
            return out
        out += str(t - 3) if t >= 3 else "?"
    return out + "..."


torch.manual_seed(100)
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
for epoch in range(1, 6):
    rnd.shuffle(train)
    total = tokens = 0
    for k in range(0, len(train), 60):
        src, tgt = tensors(train[k:k + 60])
        z = model(src, tgt[:, :-1])
        loss = F.cross_entropy(z.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD, label_smoothing=0.02)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        n = (tgt[:, 1:] != PAD).sum().item()
        total += loss.item() * n; tokens += n
    sched.step()
    got = [to_string(r) for r in model.greedy(tensors(test)[0])]
    print(f"epoch {epoch:2d} token loss {total / tokens:.4f} exact match on {len(test)} unseen numbers {sum(g == str(n) for g, n in zip(got, test)) / len(test):.4f}")
for n in (421, 1066, 18040, 70303):
    print(" ".join(say(n)), "->", to_string(model.greedy(tensors([n])[0])[0]))
