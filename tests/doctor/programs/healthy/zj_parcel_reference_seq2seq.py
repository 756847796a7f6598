"""Depot scanner text -> canonical reference.  'fourteen / B-zone , oct' style input is rewritten as characters by a
   GRU encoder-decoder with dot attention.  Exact match, free-running decoding up to <eos>."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(31); torch.manual_seed(31)
DIGIT = "zero one two three four five six seven eight nine".split()
ZONE = {"alpha": "A", "bravo": "B", "charlie": "C", "delta": "D", "echo": "E", "foxtrot": "F"}
UM = ["uh", "parcel", "please", "number", "zone"]
PAD, BOS, EOS = 0, 1, 2
SRC = {w: i + 1 for i, w in enumerate(DIGIT + list(ZONE) + UM)}
OUT = ["<pad>", "<bos>", "<eos>"] + list("0123456789ABCDEF")
TGT = {c: i for i, c in enumerate(OUT)}


def utterance():
    src, tgt = [], []
    for _ in range(random.randint(3, 4)):
        if random.random() < .25:
            z = random.choice(list(ZONE)); src.append(z); tgt.append(ZONE[z])
        else:
            d = random.randrange(10); src.append(DIGIT[d]); tgt.append(str(d))
        if random.random() < .25:
            src.append(random.choice(UM))
    return tuple(src), "".join(tgt)


rows = list(dict.fromkeys(utterance() for _ in range(2400)))
dev_targets = set(random.sample(sorted({t for _, t in rows}), 250))        # dev references never occur in train


def fresh(n):                                   # the simulator is cheap: new utterances for every epoch
    out = []
    while len(out) < n:
        r = utterance()
        if r[1] not in dev_targets:
            out.append(r)
    return out


dev = [r for r in rows if r[1] in dev_targets]


class Scribe(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.src_emb, self.tgt_emb = nn.Embedding(len(SRC) + 1, d, padding_idx=0), nn.Embedding(len(OUT), d, padding_idx=0)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(h, h)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.out = nn.Sequential(nn.Linear(2 * h, h), nn.Tanh(), nn.Linear(h, len(OUT)))

    def encode(self, src):
        lens = (src != 0).sum(1)
        packed = pack_padded_sequence(self.src_emb(src), lens, batch_first=True, enforce_sorted=False)
        mem, hn = self.enc(packed)
        mem, _ = pad_packed_sequence(mem, batch_first=True, total_length=src.size(1))
        return mem, torch.tanh(self.bridge(torch.cat([hn[0], hn[1]], 1))).unsqueeze(0)

    def decode(self, tgt_in, state, mem, src):
        q, state = self.dec(self.tgt_emb(tgt_in), state)
        att = (q @ mem.transpose(1, 2)).masked_fill((src == 0)[:, None], -1e9).softmax(-1)
        return self.out(torch.cat([q, att @ mem], -1)), state

    def forward(self, src, tgt_in):
        mem, state = self.encode(src)
        return self.decode(tgt_in, state, mem, src)[0]

    @torch.no_grad()
    def transcribe(self, src, limit=8):
        mem, state = self.encode(src)
        last = torch.full((len(src), 1), BOS)
        text, done = [""] * len(src), [False] * len(src)
        for _ in range(limit):
            logits, state = self.decode(last, state, mem, src)
            last = logits.argmax(-1)
            for i, k in enumerate(last[:, 0].tolist()):
                done[i] = done[i] or k == EOS
                if not done[i]:
                    text[i] += OUT[k]
            if all(done):
                break
        return text, sum(done) / len(done)


def batch(part):
    s = pad_sequence([torch.tensor([SRC[w] for w in a]) for a, _ in part], batch_first=True)
    t = pad_sequence([torch.tensor([BOS] + [TGT[c] for c in b] + [EOS]) for _, b in part], batch_first=True)
    return s, t


def exact(net, part):
    net.eval()
    got, ended = net.transcribe(batch(part)[0])
    return sum(g == b for g, (_, b) in zip(got, part)) / len(part), ended


net = Scribe()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
crit = nn.CrossEntropyLoss(ignore_index=PAD)
EPOCHS, BS, N = 6, 50, 2100
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * (N // BS))
for ep in range(EPOCHS):
    train = fresh(N)
    net.train(); tot = []
    for i in range(0, len(train), BS):
        src, tgt = batch(train[i:i + BS])
        loss = crit(net(src, tgt[:, :-1]).transpose(1, 2), tgt[:, 1:])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step(); tot.append(loss.item())
    print(f"epoch {ep}: loss {sum(tot) / len(tot):.4f}")
print("train exact %.3f (ended %.3f)" % exact(net, train[:400]))
print("dev   exact %.3f (ended %.3f)" % exact(net, dev))
