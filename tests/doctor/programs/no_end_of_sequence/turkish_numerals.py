# Sayıdan yazıya: 40712 -> "kırk bin yedi yüz on iki".  GRU encoder-decoder over digits and words.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(1923)
torch.manual_seed(1923)

ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


def below_thousand(n):
    out = []
    if n >= 100:
        out += ([ONES[n // 100]] if n >= 200 else []) + ["yüz"]
    out += [TENS[n // 10 % 10], ONES[n % 10]]
    return [w for w in out if w]


def spell(n):
    if n < 1000:
        return below_thousand(n)
    head = below_thousand(n // 1000) if n >= 2000 else []
    return head + ["bin"] + below_thousand(n % 1000)


PAD, SOS, EOS = 0, 1, 2
words = ["<pad>", "<sos>", "<eos>"] + ONES[1:] + TENS[1:] + ["yüz", "bin"]
w2i = {w: i for i, w in enumerate(words)}
MAX_LEN = 12


def prepare(numbers):
    src, tgt = [], []
    for n in numbers:
        src.append([int(c) + 1 for c in "%05d" % n])
        # fault:
        ids = [SOS] + [w2i[w] for w in spell(n)]
        # mended:
        # ids = [SOS] + [w2i[w] for w in spell(n)] + [EOS]
        # end
        tgt.append(ids + [PAD] * (MAX_LEN - len(ids)))
    return torch.tensor(src), torch.tensor(tgt)


class Seq2Seq(nn.Module):
    def __init__(self, d=32, h=96):
        super().__init__()
        self.src = nn.Embedding(11, d)
        self.place = nn.Parameter(torch.randn(5, d) * 0.1)
        self.tgt = nn.Embedding(len(words), d, padding_idx=PAD)
        self.enc = nn.GRU(d, h, batch_first=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.att = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(2 * h, len(words))

    def encode(self, s):
        return self.enc(self.src(s) + self.place)

    def decode(self, prev, memory, h):
        o, h = self.dec(self.tgt(prev), h)
        a = torch.bmm(self.att(o), memory.transpose(1, 2)).softmax(-1)
        return self.out(torch.cat([o, torch.bmm(a, memory)], -1)), h


def greedy(model, s):
    memory, h = model.encode(s)
    prev = torch.full((len(s), 1), SOS)
    done = torch.zeros(len(s), dtype=torch.bool)
    out = [[] for _ in range(len(s))]
    for _ in range(MAX_LEN):
        logits, h = model.decode(prev, memory, h)
        prev = logits.argmax(-1)
        done |= prev.squeeze(1) == EOS
        for i, w in enumerate(prev.squeeze(1).tolist()):
            if not done[i]:
                out[i].append(words[w])
        if done.all():
            break
    return out


numbers = random.sample(range(1, 100000), 4600)
train, dev = numbers[:4200], numbers[4200:]
S, Y = prepare(train)
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)

for epoch in range(1, 13):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(S)).split(60):
        s, y = S[idx], Y[idx]
        memory, h = model.encode(s)
        logits, _ = model.decode(y[:, :-1], memory, h)
        loss = F.cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    if epoch % 3 == 0:
        model.eval()
        with torch.no_grad():
            s, _ = prepare(dev)
            out = greedy(model, s)
        exact = sum(o == spell(n) for o, n in zip(out, dev)) / len(dev)
        length = sum(map(len, out)) / len(out)
        print(f"epoch {epoch:2d}  loss {total / len(S):.4f}  exact {exact:.3f}  words per answer {length:.2f}")
for n, o in list(zip(dev, out))[:4]:
    print(n, "->", " ".join(o))
