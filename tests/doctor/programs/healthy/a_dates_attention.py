"""Normalise written dates to ISO with an encoder-decoder GRU and additive attention."""
import random, datetime
import torch
import torch.nn as nn

random.seed(11); torch.manual_seed(11)
MONTHS = "january february march april may june july august september october november december".split()
PAD, SOS, EOS = 0, 1, 2


def spell(d):
    m = MONTHS[d.month - 1]
    return random.choice([
        f"{d.day} {m} {d.year}", f"{m} {d.day}, {d.year}", f"{d.day:02d}.{d.month:02d}.{d.year}",
        f"{m[:3]} {d.day} {d.year}", f"{d.day}. {m[:3]} {d.year}"])


pairs = {}
while len(pairs) < 3000:
    d = datetime.date(1990, 1, 1) + datetime.timedelta(days=random.randrange(365 * 35))
    pairs[spell(d)] = d.strftime("%y%m%d")
pairs = sorted(pairs.items())
random.shuffle(pairs)
train_pairs, dev_pairs = pairs[:2560], pairs[2560:]
src_vocab = {c: i + 3 for i, c in enumerate(sorted({c for s, _ in pairs for c in s}))}
tgt_vocab = {c: i + 3 for i, c in enumerate("0123456789")}
inv = {i: c for c, i in tgt_vocab.items()}


def batchify(rows):
    src = nn.utils.rnn.pad_sequence([torch.tensor([src_vocab[c] for c in s]) for s, _ in rows], batch_first=True)
    tgt = torch.tensor([[SOS] + [tgt_vocab[c] for c in t] + [EOS] for _, t in rows])
    return src, tgt


class Encoder(nn.Module):
    def __init__(self, V, E=32, H=48):
        super().__init__()
        self.emb = nn.Embedding(V, E, padding_idx=PAD)
        self.rnn = nn.GRU(E, H, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * H, H)

    def forward(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, torch.tanh(self.bridge(torch.cat([h[0], h[1]], -1)))


class Decoder(nn.Module):
    def __init__(self, V, E=32, H=48):
        super().__init__()
        self.emb = nn.Embedding(V, E)
        self.Wq, self.Wk, self.v = nn.Linear(H, H, bias=False), nn.Linear(2 * H, H, bias=False), nn.Linear(H, 1, bias=False)
        self.cell = nn.GRUCell(E + 2 * H, H)
        self.out = nn.Linear(H + 2 * H, V)

    def step(self, y, h, memory, keys, mask):
        score = self.v(torch.tanh(self.Wq(h).unsqueeze(1) + keys)).squeeze(-1)
        alpha = score.masked_fill(~mask, float("-inf")).softmax(-1)
        ctx = torch.bmm(alpha.unsqueeze(1), memory).squeeze(1)
        h = self.cell(torch.cat([self.emb(y), ctx], -1), h)
        return self.out(torch.cat([h, ctx], -1)), h


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = Encoder(len(src_vocab) + 3), Decoder(13)

    def forward(self, src, tgt, p_force):
        memory, h = self.enc(src)
        keys, mask = self.dec.Wk(memory), src != PAD
        y, outs = tgt[:, 0], []
        for t in range(1, tgt.size(1)):
            logits, h = self.dec.step(y, h, memory, keys, mask)
            outs.append(logits)
            y = tgt[:, t] if random.random() < p_force else logits.argmax(-1)
        return torch.stack(outs, 1)

    @torch.no_grad()
    def greedy(self, src, max_len=10):
        memory, h = self.enc(src)
        keys, mask = self.dec.Wk(memory), src != PAD
        y = torch.full((len(src),), SOS)
        out = []
        for _ in range(max_len):
            logits, h = self.dec.step(y, h, memory, keys, mask)
            y = logits.argmax(-1)
            out.append(y)
        return torch.stack(out, 1)


def to_text(ids):
    s = ""
    for i in ids.tolist():
        if i == EOS:
            break
        s += inv.get(i, "?")
    return s


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
crit = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    random.shuffle(train_pairs)
    tot = 0.
    for i in range(0, len(train_pairs), 40):
        src, tgt = batchify(train_pairs[i:i + 40])
        opt.zero_grad()
        logits = model(src, tgt, p_force=0.8)
        loss = crit(logits.flatten(0, 1), tgt[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    sched.step()
    model.eval()
    src, _ = batchify(dev_pairs)
    exact = sum(to_text(o) == t for o, (_, t) in zip(model.greedy(src), dev_pairs)) / len(dev_pairs)
    print(f"epoch {epoch} loss {tot / 64:.4f} dev exact match (greedy) {exact:.3f}")
