# Seq2seq toy: 4071 -> "four thousand seventy one"
import random
import torch, torch.nn as nn

random.seed(17); torch.manual_seed(17)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    out = []
    if n >= 1000: out += [ONES[n // 1000], "thousand"]; n %= 1000
    if n >= 100: out += [ONES[n // 100], "hundred"]; n %= 100
    if n >= 20: out.append(TENS[n // 10]); n %= 10
    if n: out.append(ONES[n])
    return out or ["zero"]


PAD, BOS, EOS = 0, 1, 2
TGT = ["<pad>", "<s>", "</s>"] + ONES + TENS[2:] + ["hundred", "thousand"]
code = {w: i for i, w in enumerate(TGT)}


def example(n):
    src = [int(c) + 1 for c in f"{n:04d}"]
    # fault:
    tgt = [BOS] + [code[w] for w in spell(n)]
    # mended:
    # tgt = [BOS] + [code[w] for w in spell(n)] + [EOS]
    # end
    return src, tgt


def pad(seqs):
    T = max(map(len, seqs))
    return torch.tensor([s + [PAD] * (T - len(s)) for s in seqs])


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(11, 16); self.rnn = nn.GRU(16, h, batch_first=True)
    def forward(self, src):
        return self.rnn(self.emb(src))[1]


class Decoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(TGT), 16, padding_idx=PAD); self.rnn = nn.GRU(16, h, batch_first=True)
        self.out = nn.Linear(h, len(TGT))
    def forward(self, tokens, state):
        o, state = self.rnn(self.emb(tokens), state)
        return self.out(o), state


enc, dec = Encoder(80), Decoder(80)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=6e-3)
xent = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def translate(ns, limit=12):
    enc.eval(); dec.eval()
    state = enc(torch.tensor([example(n)[0] for n in ns]))
    tok = torch.full((len(ns), 1), BOS); got = []
    for _ in range(limit):
        logits, state = dec(tok, state)
        tok = logits.argmax(-1); got.append(tok)
    enc.train(); dec.train()
    res = []
    for row in torch.cat(got, 1).tolist():
        if EOS in row: row = row[:row.index(EOS)]
        res.append([TGT[k] for k in row])
    return res


def exact(ns):
    hyp = translate(ns)
    return sum(h == spell(n) for h, n in zip(hyp, ns)) / len(ns), sum(len(h) for h in hyp) / len(ns)


numbers = random.sample(range(10000), 4000)
train, test = numbers[:3600], numbers[3600:]
EPOCHS = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.2e-2, total_steps=EPOCHS * 60)
for ep in range(EPOCHS):
    random.shuffle(train); tot = 0
    for i in range(0, len(train), 60):
        src, tgt = zip(*[example(n) for n in train[i:i + 60]])
        src, tgt = torch.tensor(src), pad(tgt)
        logits, _ = dec(tgt[:, :-1], enc(src))
        loss = xent(logits.flatten(0, 1), tgt[:, 1:].flatten())
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(params, 1.); opt.step(); sched.step()
        tot += loss.item()
    (a, _), (b, length) = exact(train[:300]), exact(test)
    print(f"epoch {ep} loss {tot / 60:.4f} exact match train {a:.3f} test {b:.3f}, mean length {length:.1f} (gold {sum(len(spell(n)) for n in test) / len(test):.1f})")
for n, h in zip(test[:4], translate(test[:4])):
    print(n, "->", " ".join(h))
