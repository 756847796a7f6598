"""seq2seq: "four hundred seventy two" -> 4 7 2 <eos>.  GRU encoder, attention, greedy decoding at test time."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 4
random.seed(SEED)
torch.manual_seed(SEED)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, SOS, EOS = 0, 1, 2


def spell(n):
    if n >= 1000:
        return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])
    if n >= 100:
        return [ONES[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])
    if n < 20:
        return [ONES[n]]
    return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])


WORDS = {w: i + 1 for i, w in enumerate(sorted({w for n in range(2000) for w in spell(n)}))}
numbers = random.sample(range(10000), 2800)
train, test = numbers[:2500], numbers[2500:]


def batch(ns):
    src = nn.utils.rnn.pad_sequence([torch.tensor([WORDS[w] for w in spell(n)]) for n in ns], batch_first=True)
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([SOS] + [int(c) + 3 for c in str(n)] + [EOS]) for n in ns], batch_first=True)
    return src, tgt


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(WORDS) + 1, 24, padding_idx=0)
        self.rnn = nn.GRU(24, h // 2, batch_first=True, bidirectional=True)

    def forward(self, src):
        lens = (src != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, torch.cat([h[0], h[1]], 1)


class Decoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(13, 16, padding_idx=PAD)
        self.cell = nn.GRUCell(16 + h, h)
        self.query = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(2 * h, 13)

    def step(self, tok, h, memory, mask):
        score = torch.bmm(memory, self.query(h).unsqueeze(2)).squeeze(2).masked_fill(~mask, -1e9)
        ctx = torch.bmm(F.softmax(score, dim=1).unsqueeze(1), memory).squeeze(1)
        h = self.cell(torch.cat([self.emb(tok), ctx], 1), h)
        return self.out(torch.cat([h, ctx], 1)), h


H = 64
enc, dec = Encoder(H), Decoder(H)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=6e-3)
EPOCHS, BS = 5, 50
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: max(0.02, 1 - k / (EPOCHS * len(train) / BS)))


@torch.no_grad()
def exact(ns):
    src, _ = batch(ns)
    memory, h = enc(src)
    tok, done, text = torch.full((len(ns),), SOS), torch.zeros(len(ns), dtype=torch.bool), [""] * len(ns)
    for _ in range(6):
        logits, h = dec.step(tok, h, memory, src != 0)
        tok = logits.argmax(1)
        done |= tok == EOS
        text = [t if d else t + str(int(k) - 3) for t, k, d in zip(text, tok, done)]
    good = [t == str(n) and bool(d) for t, n, d in zip(text, ns, done)]
    return sum(good) / len(ns)


for epoch in range(EPOCHS):
    random.shuffle(train)
    total = count = 0
    for i in range(0, len(train), BS):
        src, tgt = batch(train[i:i + BS])
        memory, h = enc(src)
        loss = 0
        for t in range(tgt.size(1) - 1):
            logits, h = dec.step(tgt[:, t], h, memory, src != 0)
            loss = loss + F.cross_entropy(logits, tgt[:, t + 1], ignore_index=PAD, reduction="sum")
        n = (tgt[:, 1:] != PAD).sum()
        opt.zero_grad()
        (loss / n).backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        sched.step()
        total, count = total + loss.item(), count + n.item()
    print(f"epoch {epoch + 1}: {total / count:.4f} nats/token, exact on unseen numbers {exact(test):.3f}")
print("train", exact(train[:300]), "test", exact(test))
