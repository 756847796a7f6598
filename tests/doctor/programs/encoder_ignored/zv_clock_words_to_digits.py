# "quarter past seven in the evening" -> 19:15, a small sequence-to-sequence model, letter by letter on the output side
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

random.seed(4); torch.manual_seed(4)
HOURS = "twelve one two three four five six seven eight nine ten eleven".split()
MIN = {0: ["o'clock"], 5: ["five past"], 10: ["ten past"], 15: ["quarter past", "fifteen past"], 20: ["twenty past"],
       30: ["half past"], 40: ["twenty to"], 45: ["quarter to", "fifteen to"], 50: ["ten to"], 55: ["five to"]}
LEAD = ["", "", "it is", "we meet at", "the train leaves at", "call me at", "about", "it was just"]


def sample():
    h24, m = random.randrange(24), random.choice(list(MIN))
    said = (h24 + (m > 30)) % 24
    phrase = random.choice(MIN[m])
    hour = HOURS[said % 12]
    text = f"{hour} {phrase}" if m == 0 else f"{phrase} {hour}"
    part = random.choice(["in the morning", "am"]) if h24 < 12 else random.choice(["in the evening", "pm"])
    return (random.choice(LEAD) + " " + text + " " + part).split(), "%02d:%02d" % (h24, m)


pairs = list({(" ".join(s), t) for s, t in (sample() for _ in range(6000))})
random.shuffle(pairs)
test, train = pairs[:300], pairs[300:2100]
V = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in pairs for w in s.split()}))}
OUT = {c: i for i, c in enumerate("<0123456789:>")}      # < begins, > ends
REV = {i: c for c, i in OUT.items()}


class Seq2Seq(nn.Module):
    def __init__(self, d=32, h=64):
        super().__init__()
        self.src_emb = nn.Embedding(len(V) + 1, d, padding_idx=0)
        self.encoder = nn.GRU(d, h, batch_first=True)
        self.bridge = nn.Linear(h, h)
        self.tgt_emb = nn.Embedding(len(OUT), d)
        self.decoder = nn.GRU(d, h, batch_first=True)
        self.proj = nn.Linear(h, len(OUT))

    def encode(self, src, lens):
        packed = pack_padded_sequence(self.src_emb(src), lens, batch_first=True, enforce_sorted=False)
        _, h = self.encoder(packed)
        return torch.tanh(self.bridge(h))

    def decode(self, tokens, state):
        out, state = self.decoder(self.tgt_emb(tokens), state)
        return self.proj(out), state

    def forward(self, src, lens, tgt_in):
        context = self.encode(src, lens)
        # fault:
        logits, _ = self.decode(tgt_in, None)
        # mended:
        # logits, _ = self.decode(tgt_in, context)
        # end
        return logits

    @torch.no_grad()
    def translate(self, src, lens, steps=6):
        # fault:
        state = None
        # mended:
        # state = self.encode(src, lens)
        # end
        tok = torch.full((len(src), 1), OUT["<"])
        res = []
        for _ in range(steps):
            logits, state = self.decode(tok, state)
            tok = logits.argmax(-1)
            res.append(tok)
        return ["".join(REV[int(c)] for c in r).split(">")[0] for r in torch.cat(res, 1)]


def prepare(ps):
    ids = [[V[w] for w in s.split()] for s, _ in ps]
    n = max(map(len, ids))
    return (torch.tensor([i + [0] * (n - len(i)) for i in ids]), torch.tensor([len(i) for i in ids]),
            torch.tensor([[OUT[c] for c in "<" + t + ">"] for _, t in ps]))


def exact(ps):
    model.eval()
    src, lens, _ = prepare(ps)
    return sum(a == t for a, (_, t) in zip(model.translate(src, lens), ps)) / len(ps)


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    model.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), 30):
        src, lens, tgt = prepare(train[i:i + 30])
        logits = model(src, lens, tgt[:, :-1])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), tgt[:, 1:])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); tot += loss.item()
    sched.step()
    print(f"epoch {epoch} loss {tot / (len(train) / 30):.3f} exact test {exact(test):.3f}")
print(f"exact train {exact(train[:300]):.3f} test {exact(test):.3f}", [model.translate(*prepare([p])[:2])[0] + " for " + p[0] for p in test[:2]])
