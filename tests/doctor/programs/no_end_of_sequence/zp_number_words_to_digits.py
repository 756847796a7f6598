# seq2seq: "four hundred twenty one" -> 4 2 1   (inverse text normalisation for a dictation toy)
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
tens = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ones[n]]
    if n < 100:
        return [tens[n // 10]] + (spell(n % 10) if n % 10 else [])
    if n < 1000:
        return [ones[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


PAD, SOS, EOS = 0, 1, 2
src_vocab = {w: i for i, w in enumerate(["<pad>"] + ones + tens[2:] + ["hundred", "thousand"])}
MAX_OUT = 8

random.seed(3)
torch.manual_seed(3)
numbers = list(range(1, 1000)) + random.sample(range(1000, 10000), 2000)
random.shuffle(numbers)
test_numbers, train_numbers = numbers[:400], numbers[400:]


def make_batch(nums):
    src = [[src_vocab[w] for w in spell(n)] for n in nums]
    tgt = []
    for n in nums:
        digits = [int(c) + 3 for c in str(n)]
        # fault:
        tgt.append([SOS] + digits)
        # mended:
        # tgt.append([SOS] + digits + [EOS])
        # end
    S, T = max(map(len, src)), max(map(len, tgt))
    src_len = torch.tensor([len(s) for s in src])
    src = torch.tensor([s + [PAD] * (S - len(s)) for s in src])
    tgt = torch.tensor([t + [PAD] * (T - len(t)) for t in tgt])
    return src, src_len, tgt


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(len(src_vocab), 24, padding_idx=PAD)
        self.rnn = nn.GRU(24, hid, batch_first=True)

    def forward(self, src, src_len):
        out, _ = self.rnn(self.emb(src))
        h = out[torch.arange(len(src)), src_len - 1]
        return out, h.unsqueeze(0), src.eq(PAD)


class Decoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(13, 16, padding_idx=PAD)
        self.rnn = nn.GRU(16, hid, batch_first=True)
        self.proj = nn.Linear(2 * hid, 13)

    def forward(self, tokens, h, memory, mask):
        q, h = self.rnn(self.emb(tokens), h)
        scores = (q @ memory.transpose(1, 2)).masked_fill(mask.unsqueeze(1), float("-inf"))
        context = F.softmax(scores / q.size(-1) ** 0.5, dim=-1) @ memory
        return self.proj(torch.cat([q, context], -1)), h


def translate(enc, dec, nums):
    enc.eval(); dec.eval()
    src, src_len, _ = make_batch(nums)
    results = [[] for _ in nums]
    done = [False] * len(nums)
    with torch.no_grad():
        memory, h, mask = enc(src, src_len)
        tok = torch.full((len(nums), 1), SOS)
        for _ in range(MAX_OUT):
            logits, h = dec(tok, h, memory, mask)
            tok = logits[:, -1].argmax(-1, keepdim=True)
            for k, t in enumerate(tok[:, 0].tolist()):
                if t == EOS:
                    done[k] = True
                elif not done[k]:
                    results[k].append(t)
            if all(done):
                break
    return ["".join(str(t - 3) if t > 2 else "?" for t in r) for r in results]


enc, dec = Encoder(40), Decoder(40)
opt = torch.optim.Adam(list(enc.parameters()) + list(dec.parameters()), lr=0.005)
for epoch in range(7):
    enc.train(); dec.train()
    random.shuffle(train_numbers)
    losses = []
    for i in range(0, len(train_numbers), 64):
        src, src_len, tgt = make_batch(train_numbers[i:i + 64])
        memory, h, mask = enc(src, src_len)
        logits, _ = dec(tgt[:, :-1], h, memory, mask)
        loss = F.cross_entropy(logits.reshape(-1, 13), tgt[:, 1:].reshape(-1), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print("epoch", epoch, "loss %.4f" % (sum(losses) / len(losses)))

for name, nums in (("train", train_numbers[:400]), ("test", test_numbers)):
    guess = translate(enc, dec, nums)
    print(name, "exact match %.3f" % (sum(g == str(n) for g, n in zip(guess, nums)) / len(nums)))
for n, g in list(zip(test_numbers, guess))[:4]:
    print(" ".join(spell(n)), "->", g)
