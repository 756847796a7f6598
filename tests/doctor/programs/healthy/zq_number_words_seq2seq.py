"""'three hundred forty two' -> '3 4 2 <end>' : GRU encoder, GRU decoder with dot attention, greedy decoding."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, BOS, EOS = 0, 1, 2
DIG = {str(d): d + 3 for d in range(10)}


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    return [ONES[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])


IN = {w: i + 1 for i, w in enumerate(sorted({w for n in range(1000) for w in spell(n)}))}


def encode(numbers):
    src = [[IN[w] for w in spell(n)] for n in numbers]
    tgt = [[DIG[c] for c in str(n)] + [EOS] for n in numbers]
    S = torch.zeros(len(numbers), max(map(len, src)), dtype=torch.long)
    T = torch.zeros(len(numbers), max(map(len, tgt)), dtype=torch.long)
    for i, (s, t) in enumerate(zip(src, tgt)):
        S[i, :len(s)] = torch.tensor(s)
        T[i, :len(t)] = torch.tensor(t)
    return S, T


class Encoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.emb = nn.Embedding(len(IN) + 1, d, padding_idx=PAD)
        self.gru = nn.GRU(d, d, batch_first=True)

    def forward(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.gru(packed)
        return nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=src.size(1))[0], h


class Decoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.emb = nn.Embedding(13, d, padding_idx=PAD)
        self.gru = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, 13)

    def forward(self, prev, h, memory, src):
        o, h = self.gru(self.emb(prev), h)
        att = o @ memory.transpose(1, 2)
        att = att.masked_fill((src == PAD).unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.tanh(self.mix(torch.cat([o, att @ memory], -1)))), h


def greedy(enc, dec, src, max_len=5):
    memory, h = enc(src)
    tok = torch.full((len(src), 1), BOS)
    done = torch.zeros(len(src), dtype=torch.bool)
    result = []
    for _ in range(max_len):
        z, h = dec(tok, h, memory, src)
        tok = z.argmax(-1)
        result.append(tok[:, 0].masked_fill(done, PAD))
        done |= tok[:, 0] == EOS
    return torch.stack(result, 1)


@torch.no_grad()
def exact(enc, dec, numbers):
    enc.eval(), dec.eval()
    S, T = encode(numbers)
    hyp = greedy(enc, dec, S)
    return (hyp[:, :T.size(1)] == T).all(1).float().mean().item(), hyp


def digits(row):
    return "".join(str(int(t) - 3) for t in row if t > 2)


random.seed(5)
torch.manual_seed(5)
numbers = list(range(1000))
random.shuffle(numbers)
train, test = numbers[:800], numbers[800:]
enc, dec = Encoder(40), Decoder(40)
everything = list(enc.parameters()) + list(dec.parameters())
optim = torch.optim.Adam(everything, lr=0.012)
schedule = torch.optim.lr_scheduler.OneCycleLR(optim, 0.015, total_steps=10 * 25)
for epoch in range(10):
    enc.train(), dec.train()
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 32):
        S, T = encode(train[k:k + 32])
        shifted = torch.cat([torch.full((len(T), 1), BOS), T[:, :-1]], 1)
        memory, h = enc(S)
        z, _ = dec(shifted, h, memory, S)
        loss = F.cross_entropy(z.reshape(-1, 13), T.reshape(-1), ignore_index=PAD)
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(everything, 1.0)
        optim.step()
        schedule.step()
        total += loss.item() / 25
    if epoch % 2:
        print(f"epoch {epoch + 1:2d} loss {total:.4f} exact match on unseen numbers {exact(enc, dec, test)[0]:.3f}")
print("train exact %.3f" % exact(enc, dec, train)[0])
for n, row in list(zip(test, exact(enc, dec, test)[1]))[:4]:
    print(" ".join(spell(n)), "->", digits(row))
