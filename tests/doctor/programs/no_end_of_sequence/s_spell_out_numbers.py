"""
Text normalisation for TTS: "0347" -> "three hundred forty seven"
GRU encoder / GRU decoder, greedy search. Numbers are zero filled to four digits, so the source has one length.
"""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(11)
torch.manual_seed(11)
torch.set_num_threads(1)

ONES = ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    out = []
    if n >= 1000:
        out += [ONES[n // 1000 - 1], "thousand"]
        n %= 1000
    if n >= 100:
        out += [ONES[n // 100 - 1], "hundred"]
        n %= 100
    if n >= 20:
        out.append(TENS[n // 10 - 2])
        n %= 10
    if n:
        out.append(ONES[n - 1])
    return out


PAD, BOS, EOS = 0, 1, 2
itos = ["<pad>", "<s>", "</s>"] + ONES + TENS + ["hundred", "thousand"]
stoi = {w: i for i, w in enumerate(itos)}
MAX_OUT = 10


def make(n):
    src = torch.tensor([int(c) for c in f"{n:04d}"])
    ids = [stoi[w] for w in spell(n)]
    # fault:
    return src, torch.tensor([BOS] + ids)
    # mended:
    # return src, torch.tensor([BOS] + ids + [EOS])
    # end


numbers = random.sample(range(1, 10000), 1900)
train = [make(n) for n in numbers[:1700]]
held_out = numbers[1700:]


class Speller(nn.Module):
    def __init__(self, hid=64):
        super().__init__()
        self.digits = nn.Embedding(10, 24)
        self.words = nn.Embedding(len(itos), 32, padding_idx=PAD)
        self.mix = nn.Linear(4 * 24, hid)
        self.dec = nn.GRUCell(32 + hid, hid)
        self.out = nn.Linear(hid, len(itos))

    def encode(self, src):
        return torch.tanh(self.mix(self.digits(src).flatten(1)))

    def step(self, prev, h, ctx):
        h = self.dec(torch.cat([self.words(prev), ctx], -1), h)
        return self.out(h), h

    def forward(self, src, tgt_in):
        ctx = h = self.encode(src)
        logits = []
        for t in range(tgt_in.size(1)):
            o, h = self.step(tgt_in[:, t], h, ctx)
            logits.append(o)
        return torch.stack(logits, 1)

    @torch.no_grad()
    def greedy(self, src):
        ctx = h = self.encode(src)
        prev = torch.full((len(src),), BOS)
        done = torch.zeros(len(src), dtype=torch.bool)
        outs = [[] for _ in src]
        for _ in range(MAX_OUT):
            o, h = self.step(prev, h, ctx)
            prev = o.argmax(-1)
            done |= prev == EOS
            if done.all():
                break
            for i in (~done).nonzero().flatten().tolist():
                outs[i].append(itos[prev[i].item()])
        return outs


net = Speller()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
EPOCHS, BS = 6, 50
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=EPOCHS * (len(train) // BS))
crit = nn.CrossEntropyLoss(ignore_index=PAD)

for ep in range(EPOCHS):
    random.shuffle(train)
    net.train()
    tot = 0.0
    for k in range(0, len(train), BS):
        chunk = train[k:k + BS]
        src = torch.stack([c[0] for c in chunk])
        tgt = pad_sequence([c[1] for c in chunk], batch_first=True, padding_value=PAD)
        logits = net(src, tgt[:, :-1])
        loss = crit(logits.reshape(-1, logits.size(-1)), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item() * len(chunk)
    print(f"epoch {ep + 1:2d}  loss {tot / len(train):.4f}")

net.eval()
hyps = net.greedy(torch.stack([make(n)[0] for n in held_out]))
refs = [spell(n) for n in held_out]
exact = sum(h == r for h, r in zip(hyps, refs)) / len(refs)
print("exact match on %d unseen numbers: %.3f" % (len(refs), exact))
print("mean length: output %.2f, reference %.2f" % (sum(map(len, hyps)) / len(hyps), sum(map(len, refs)) / len(refs)))
for n, h in list(zip(held_out, hyps))[:3]:
    print(n, "->", " ".join(h))
