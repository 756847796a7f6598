"""Zahlwörter in Ziffern: "dreihundertvierzehn" -> 314.  Character encoder and digit decoder (GRU)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(27)
torch.manual_seed(27)
ONES = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
TEENS = ["zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
TENS = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]


def spell(n):
    h, r = divmod(n, 100)
    s = (ONES[h] + "hundert") if h else ""
    if r >= 20:
        s += (ONES[r % 10] + "und" if r % 10 else "") + TENS[r // 10]
    elif r >= 10:
        s += TEENS[r - 10]
    elif r:
        s += ONES[r] + ("s" if r == 1 else "")
    return s


numbers = list(range(10, 1000))
random.shuffle(numbers)
train, dev = numbers[:840], numbers[840:]
chars = {c: i + 1 for i, c in enumerate(sorted(set("".join(map(spell, numbers)))))}
BOS, EOS, PAD = 10, 11, 12


def batch(ns):
    src = nn.utils.rnn.pad_sequence([torch.tensor([chars[c] for c in spell(n)]) for n in ns], batch_first=True)
    lens = torch.tensor([len(spell(n)) for n in ns])
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([BOS] + [int(d) for d in str(n)] + [EOS]) for n in ns],
                                    batch_first=True, padding_value=PAD)
    return src, lens, tgt


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, 32, padding_idx=0)
        self.gru = nn.GRU(32, h // 2, bidirectional=True, batch_first=True)

    def forward(self, src, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(p)
        return torch.cat([h[0], h[1]], 1).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.h = h
        self.emb = nn.Embedding(13, 24, padding_idx=PAD)
        self.gru = nn.GRU(24, h, batch_first=True)
        self.out = nn.Linear(h, 12)

    def init_hidden(self, n):
        return torch.zeros(1, n, self.h)

    def forward(self, y, hidden):
        o, hidden = self.gru(self.emb(y), hidden)
        return self.out(o), hidden


class Seq2Seq(nn.Module):
    def __init__(self, h=80):
        super().__init__()
        self.enc, self.dec = Encoder(h), Decoder(h)

    def start(self, src, lens):
        state = self.enc(src, lens)
        # fault:
        hidden = self.dec.init_hidden(len(src))
        # mended:
        # hidden = state
        # end
        return hidden

    def forward(self, src, lens, y):
        return self.dec(y, self.start(src, lens))[0]

    @torch.no_grad()
    def translate(self, src, lens, steps=5):
        hidden = self.start(src, lens)
        y = torch.full((len(src), 1), BOS)
        out = []
        for _ in range(steps):
            o, hidden = self.dec(y, hidden)
            y = o[:, -1:].argmax(-1)
            out.append(y)
        return torch.cat(out, 1).tolist()


def digits(ids):
    return "".join(map(str, ids[:ids.index(EOS)])) if EOS in ids else "".join(map(str, ids))


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(12):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 30):
        src, lens, tgt = batch(train[i:i + 30])
        logits = model(src, lens, tgt[:, :-1])
        loss = F.cross_entropy(logits.transpose(1, 2), tgt[:, 1:], ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    if epoch % 2 == 1:
        model.eval()
        src, lens, _ = batch(dev)
        pred = [digits(p) for p in model.translate(src, lens)]
        right = sum(p == str(n) for p, n in zip(pred, dev)) / len(dev)
        print(f"Epoche {epoch + 1}: Verlust {total / 28:.4f} richtig {right:.3f}", list(zip(dev[:2], pred[:2])))
