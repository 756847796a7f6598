# Spell out numbers: 4 0 7 -> four hundred seven.   Encoder: MLP over digit slots; decoder: GRUCell with attention.
import random
from types import SimpleNamespace as NS
import torch
from torch import nn
import torch.nn.functional as F

args = NS(seed=9, emb=24, hid=64, bs=32, epochs=8, lr=6e-3, max_out=8)
random.seed(args.seed)
torch.manual_seed(args.seed)

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " \
       "seventeen eighteen nineteen".split()
TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    return [ONES[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])


PAD, BOS, EOS = 0, 1, 2
words = ["<pad>", "<bos>", "<eos>"] + ONES + TENS[2:] + ["hundred"]
w2i = {w: i for i, w in enumerate(words)}


def example(n):
    digits = [int(c) for c in f"{n:03d}"]
    out = [w2i[w] for w in spell(n)]
    # fault:
    return digits, [BOS] + out
    # mended:
    # return digits, [BOS] + out + [EOS]
    # end


numbers = list(range(1, 1000))
random.shuffle(numbers)
dev_n, train_n = numbers[:150], numbers[150:]
train = [example(n) for n in train_n]


def collate(rows):
    L = max(len(t) for _, t in rows)
    src = torch.tensor([s for s, _ in rows])
    tgt = torch.tensor([t + [PAD] * (L - len(t)) for _, t in rows])
    return src, tgt


class Speller(nn.Module):
    def __init__(self, e, h):
        super().__init__()
        self.digit = nn.Embedding(30, e)                      # one row per (slot, digit)
        self.mix = nn.Sequential(nn.Linear(3 * e, h), nn.ReLU(), nn.Linear(h, h), nn.Tanh())
        self.keys = nn.Linear(e, h)
        self.word = nn.Embedding(len(words), e, padding_idx=PAD)
        self.cell = nn.GRUCell(e + h, h)
        self.out = nn.Linear(2 * h, len(words))

    def start(self, src):
        d = self.digit(src + torch.tensor([0, 10, 20]))
        return self.keys(d), self.mix(d.flatten(1))

    def step(self, prev, h, keys):
        def look(q):
            a = torch.einsum("bh,bsh->bs", q, keys).mul(q.size(1) ** -.5).softmax(-1)
            return torch.einsum("bs,bsh->bh", a, keys)
        h = self.cell(torch.cat([self.word(prev), look(h)], 1), h)
        return self.out(torch.cat([h, look(h)], 1)), h

    def loss(self, src, tgt):
        keys, h = self.start(src)
        total = 0.
        for t in range(tgt.size(1) - 1):
            z, h = self.step(tgt[:, t], h, keys)
            total = total + F.cross_entropy(z, tgt[:, t + 1], ignore_index=PAD, reduction="sum")
        return total / (tgt[:, 1:] != PAD).sum()

    @torch.no_grad()
    def read_out(self, n):
        keys, h = self.start(torch.tensor([[int(c) for c in f"{n:03d}"]]))
        prev, said = torch.tensor([BOS]), []
        while len(said) < args.max_out:
            z, h = self.step(prev, h, keys)
            prev = z.argmax(-1)
            if prev.item() == EOS:
                break
            said.append(words[prev.item()])
        return said


model = Speller(args.emb, args.hid)
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
lr_at = lambda ep: args.lr * (1.0 if ep < 4 else .3 if ep < 6 else .1)
for ep in range(args.epochs):
    for g in opt.param_groups:
        g["lr"] = lr_at(ep)
    random.shuffle(train)
    tot, k = 0., 0
    for i in range(0, len(train), args.bs):
        loss = model.loss(*collate(train[i:i + args.bs]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); k += 1
    if ep % 2:
        print(f"epoch {ep:2d} loss {tot / k:.4f}")

model.eval()
said = {n: model.read_out(n) for n in dev_n}
print("exact on unseen numbers: %.3f" % (sum(said[n] == spell(n) for n in dev_n) / len(dev_n)))
print("mean length: said %.2f, right %.2f" % (sum(map(len, said.values())) / len(dev_n), sum(len(spell(n)) for n in dev_n) / len(dev_n)))
for n in dev_n[:3]:
    print(n, " ".join(said[n]))
