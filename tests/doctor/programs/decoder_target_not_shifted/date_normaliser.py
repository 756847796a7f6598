"""Dates in German letters to ISO, e.g. "am Dienstag, dem 5. März 1987" -> 1987-03-05. Word encoder, character decoder."""
import datetime
import random

import torch
import torch.nn as nn

random.seed(37)
torch.manual_seed(37)
MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
DAYS = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()
PAD, BOS, EOS = 0, 1, 2
OUT = ["<pad>", "<s>", "</s>", "-"] + list("0123456789")


def write(d):
    m, day = MONTHS[d.month - 1], f"{d.day}."
    return random.choice([
        ["am", day, m, str(d.year)], ["den", day, m, str(d.year)], [DAYS[d.weekday()], ",", "den", day, m, str(d.year)],
        [m, str(d.year), ",", "am", day], ["im", m, "des", "Jahres", str(d.year), ",", "genauer", "am", day],
        [day, str(d.month) + ".", str(d.year)]])


start = datetime.date(1960, 1, 1)
days = [start + datetime.timedelta(days=k) for k in random.sample(range(40 * 365), 3000)]
data = [(write(d), d.isoformat()) for d in days]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in data for w in s}))}
train, dev = data[:2600], data[2600:]


def tensors(rows):
    lens = torch.tensor([len(s) for s, _ in rows])
    src = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
    tgt = torch.zeros(len(rows), 12, dtype=torch.long)
    for i, (s, t) in enumerate(rows):
        src[i, :len(s)] = torch.tensor([vocab[w] for w in s])
        tgt[i] = torch.tensor([BOS] + [OUT.index(c) for c in t] + [EOS])
    return src, lens, tgt


class Encoder(nn.Module):
    def __init__(self, d=32, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.join = nn.Linear(2 * h, h)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        y, h = self.rnn(packed)
        memory = self.join(nn.utils.rnn.pad_packed_sequence(y, batch_first=True)[0])
        return torch.tanh(self.join(torch.cat([h[0], h[1]], 1))).unsqueeze(0), memory, src == 0


class Decoder(nn.Module):
    def __init__(self, d=16, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(OUT), d, padding_idx=PAD)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.query = nn.Linear(h, h)
        self.out = nn.Linear(2 * h, len(OUT))

    def forward(self, tokens, h, memory, blank):
        y, h = self.rnn(self.emb(tokens), h)
        score = self.query(y) @ memory.transpose(1, 2) / 8
        weight = score.masked_fill(blank.unsqueeze(1), float("-inf")).softmax(-1)
        return self.out(torch.cat([y, weight @ memory], -1)), h


enc, dec = Encoder(), Decoder()
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=6e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def translate(rows):
    src, lens, _ = tensors(rows)
    (h, memory, blank), tok, out = enc(src, lens), torch.full((len(rows), 1), BOS), []
    for _ in range(11):
        y, h = dec(tok, h, memory, blank)
        tok = y.argmax(-1)
        out.append(tok)
    texts = []
    for ids in torch.cat(out, 1).tolist():
        ids = ids[:ids.index(EOS)] if EOS in ids else ids
        texts.append("".join(OUT[i] for i in ids))
    return texts


for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        src, lens, tgt = tensors(train[i:i + 40])
        # fault:
        logits, _ = dec(tgt[:, 1:], *enc(src, lens))
        # mended:
        # logits, _ = dec(tgt[:, :-1], *enc(src, lens))
        # end
        loss = criterion(logits.reshape(-1, len(OUT)), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        total += loss.item()
    sched.step()
    hyp = translate(dev)
    print(f"epoch {epoch + 1:2d} loss {total / 65:.4f} exact {sum(h == t for h, (_, t) in zip(hyp, dev)) / len(dev):.3f} e.g. {' '.join(dev[0][0])} -> {hyp[0]}")
