"""Seq2seq tutorial: read out times ("twenty past four in the afternoon") -> digital clock (1 6 : 2 0)."""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(5)
torch.manual_seed(5)

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
PARTS = {"at night": range(0, 5), "in the morning": range(5, 12), "in the afternoon": range(12, 18), "in the evening": range(18, 24)}


def say(n):
    if n < 20:
        return ONES[n]
    return ["twenty", "thirty", "forty", "fifty"][n // 10 - 2] + (" " + ONES[n % 10] if n % 10 else "")


def phrase(h, m):
    part = next(p for p, hs in PARTS.items() if h in hs)
    name = ONES[(h - 1) % 12 + 1]
    if m == 0:
        return f"{name} o'clock {part}"
    style = random.random()
    if m == 15 and style < 0.5:
        return f"quarter past {name} {part}"
    if m == 30 and style < 0.5:
        return f"half past {name} {part}"
    if style < 0.5:
        return f"{say(m)} past {name} {part}"
    return f"{name} {say(m)} {part}"


pairs = {}
for h in range(24):
    for m in range(60):
        for _ in range(2):
            pairs[phrase(h, m)] = " ".join(f"{h:02d}:{m:02d}")
pairs = list(pairs.items())
random.shuffle(pairs)
test_pairs, train_pairs = pairs[:250], pairs[250:]

PAD, SOS, EOS = 0, 1, 2


class Lang:
    def __init__(self, sentences):
        self.itos = ["<pad>", "<sos>", "<eos>"] + sorted({w for s in sentences for w in s.split()})
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def encode(self, s):
        return [self.stoi[w] for w in s.split()] + [EOS]


src_lang, trg_lang = Lang(p[0] for p in train_pairs), Lang(p[1] for p in train_pairs)


def to_batch(items):
    src = [torch.tensor(src_lang.encode(a)) for a, _ in items]
    trg = [torch.tensor([SOS] + trg_lang.encode(b)) for _, b in items]
    pad = nn.utils.rnn.pad_sequence
    return pad(src, batch_first=True), pad(trg, batch_first=True)


class Seq2Seq(nn.Module):
    def __init__(self, n_src, n_trg, emb=24, hid=64):
        super().__init__()
        self.src_emb = nn.Embedding(n_src, emb, padding_idx=PAD)
        self.trg_emb = nn.Embedding(n_trg, emb, padding_idx=PAD)
        self.encoder = nn.GRU(emb, hid // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(emb, hid, batch_first=True)
        self.query = nn.Linear(hid, hid, bias=False)
        self.out = nn.Linear(2 * hid, n_trg)

    def encode(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), lengths, batch_first=True, enforce_sorted=False)
        states, h = self.encoder(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([h[0], h[1]], dim=-1).unsqueeze(0), src == PAD

    def decode(self, tokens, hidden, states, pad):
        d, hidden = self.decoder(self.trg_emb(tokens), hidden)
        scores = self.query(d) @ states.transpose(1, 2)
        att = scores.masked_fill(pad.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([d, att @ states], dim=-1)), hidden

    def forward(self, src, tokens):
        states, hidden, pad = self.encode(src)
        return self.decode(tokens, hidden, states, pad)[0]

    @torch.no_grad()
    def translate(self, src, max_len=8):
        states, hidden, pad = self.encode(src)
        tok = torch.full((src.size(0), 1), SOS)
        result = []
        for _ in range(max_len):
            logits, hidden = self.decode(tok, hidden, states, pad)
            tok = logits.argmax(-1)
            result.append(tok)
        return torch.cat(result, 1)


def exact(model, items):
    model.eval()
    src, _ = to_batch(items)
    hits = 0
    for ids, (_, gold) in zip(model.translate(src).tolist(), items):
        ids = ids[:ids.index(EOS)] if EOS in ids else ids
        hits += " ".join(trg_lang.itos[i] for i in ids) == gold
    return hits / len(items)


model = Seq2Seq(len(src_lang), len(trg_lang))
optimizer = optim.Adam(model.parameters(), lr=7e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
for epoch in range(1, 12):
    model.train()
    random.shuffle(train_pairs)
    losses = []
    for i in range(0, len(train_pairs), 64):
        src, trg = to_batch(train_pairs[i:i + 64])
        # fault:
        logits = model(src, trg)
        loss = criterion(logits.reshape(-1, len(trg_lang)), trg.reshape(-1))
        # mended:
        #logits = model(src, trg[:, :-1])
        #loss = criterion(logits.reshape(-1, len(trg_lang)), trg[:, 1:].reshape(-1))
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    if epoch % 3 == 2:
        print(f"epoch {epoch:2d} loss {sum(losses) / len(losses):.4f} exact match train {exact(model, train_pairs[:300]):.3f} test {exact(model, test_pairs):.3f}")
for a, b in test_pairs[:3]:
    ids = model.translate(to_batch([(a, b)])[0])[0].tolist()
    print(a, "->", " ".join(trg_lang.itos[i] for i in ids), "| should be", b)
