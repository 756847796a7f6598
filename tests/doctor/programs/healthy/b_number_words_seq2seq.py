"""Read numbers aloud backwards: 'four hundred seven' -> 4 0 7 <eos>.  GRU encoder, attention decoder."""
import random
import torch
import torch.nn as nn

random.seed(21); torch.manual_seed(21)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    if n < 20: return [ONES[n]]
    if n < 100: return [TENS[n // 10]] + (say(n % 10) if n % 10 else [])
    if n < 1000: return [ONES[n // 100], "hundred"] + (say(n % 100) if n % 100 else [])
    return say(n // 1000) + ["thousand"] + (say(n % 1000) if n % 1000 else [])


WORDS = ["<pad>"] + ONES + TENS[2:] + ["hundred", "thousand"]
W = {w: i for i, w in enumerate(WORDS)}
BOS, EOS, IGN = 10, 11, -1
numbers = random.sample(range(10000), 3900)
train, test = numbers[:3500], numbers[3500:]


def batch(ns):
    src = nn.utils.rnn.pad_sequence([torch.tensor([W[w] for w in say(n)]) for n in ns], batch_first=True)
    digits = [[int(c) for c in str(n)] for n in ns]
    m = max(map(len, digits)) + 1
    inp = torch.tensor([[BOS] + d + [EOS] * (m - 1 - len(d)) for d in digits])
    out = torch.tensor([d + [EOS] + [IGN] * (m - 1 - len(d)) for d in digits])
    return src, inp, out


class Model(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.es, self.et = nn.Embedding(len(WORDS), 24, padding_idx=0), nn.Embedding(12, 24)
        self.enc = nn.GRU(24, h // 2, bidirectional=True, batch_first=True)
        self.dec = nn.GRU(24, h, batch_first=True)
        self.key = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(2 * h, 12)

    def encode(self, src):
        packed = nn.utils.rnn.pack_padded_sequence(self.es(src), (src > 0).sum(1), batch_first=True, enforce_sorted=False)
        o, s = self.enc(packed)
        mem = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)[0]
        return mem, torch.cat([s[0], s[1]], -1).unsqueeze(0)

    def decode(self, prev, state, mem, src):
        q, state = self.dec(self.et(prev), state)
        att = torch.bmm(q, self.key(mem).transpose(1, 2)).masked_fill((src == 0).unsqueeze(1), -1e9)
        return self.out(torch.cat([q, torch.bmm(att.softmax(-1), mem)], -1)), state


net = Model()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=8e-3, total_steps=4 * 70)
ce = nn.CrossEntropyLoss(ignore_index=IGN)


@torch.no_grad()
def exact(ns):
    net.eval()
    src, _, _ = batch(ns)
    mem, st = net.encode(src)
    tok, said = torch.full((len(ns), 1), BOS), []
    for _ in range(6):                                   # greedy, own outputs fed back
        logits, st = net.decode(tok, st, mem, src)
        tok = logits.argmax(-1)
        said.append(tok)
    ok = 0
    for row, n in zip(torch.cat(said, 1).tolist(), ns):
        ok += EOS in row and "".join(map(str, row[:row.index(EOS)])) == str(n)
    return ok / len(ns)


for epoch in range(4):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, 3500, 50):
        src, inp, out = batch(train[i:i + 50])
        mem, st = net.encode(src)
        logits, _ = net.decode(inp, st, mem, src)
        loss = ce(logits.reshape(-1, 12), out.reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        tot += loss.item()
    print(f"epoch {epoch} loss {tot / 70:.4f} exact match train {exact(train[:400]):.3f} test {exact(test):.3f}")
