"""Transliteration of Turkish-like words into a rough German spelling, character by character (seq2seq, teacher forcing in training)."""
import random
import torch
import torch.nn as nn

random.seed(27)
torch.manual_seed(27)
MAP = {"ş": "sch", "ç": "tsch", "c": "dsch", "ı": "y", "j": "sh", "v": "w", "z": "s", "y": "j", "ğ": "h", "ö": "ö", "ü": "ü"}
CONS, VOW = "bcçdfgğhjklmnprsştvyz", "aeıioöuü"
MAXLEN = 36


def word():
    w = "".join(random.choice(CONS) + random.choice(VOW) for _ in range(random.randint(1, 3)))
    return w + (random.choice("nrlkm") if random.random() < 0.4 else "")


words = list({word() for _ in range(2600)})
random.shuffle(words)
pairs = [(w, "".join(MAP.get(c, c) for c in w)) for w in words]
PAD, BOS, EOS = 0, 1, 2
chars = {c: i + 3 for i, c in enumerate(sorted({c for a, b in pairs for c in a + b}))}
V = len(chars) + 3


def encode(s, bos=False):
    ids = ([BOS] if bos else []) + [chars[c] for c in s] + [EOS]
    return ids + [PAD] * (MAXLEN - len(ids))


S = torch.tensor([encode(a)[:12] for a, _ in pairs])
T = torch.tensor([encode(b, bos=True) for _, b in pairs])
n_dev = 250


class Model(nn.Module):
    def __init__(self, d=40, h=64):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=PAD)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRU(d, h, batch_first=True)
        self.proj = nn.Linear(2 * h, V)

    def encode(self, s):
        lens = (s != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(s), lens, batch_first=True, enforce_sorted=False)
        out, hn = self.enc(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=s.size(1))
        return out, s == PAD, torch.cat([hn[0], hn[1]], -1).unsqueeze(0)

    def step(self, y, state, mem, hide):
        h, state = self.cell(self.emb(y), state)
        a = torch.softmax((h @ mem.transpose(1, 2)).masked_fill(hide.unsqueeze(1), -1e9), -1)
        return self.proj(torch.cat([h, a @ mem], -1)), state

    def forward(self, s, y):
        mem, hide, state = self.encode(s)
        return self.step(y, state, mem, hide)[0]


model = Model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.15, momentum=0.9)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end


def evaluate():
    model.eval()
    s, t = S[:n_dev], T[:n_dev]
    with torch.no_grad():
        loss = criterion(model(s, t[:, :-1]).transpose(1, 2), t[:, 1:]).item()
        mem, hide, state = model.encode(s)
        y, got = torch.full((len(s), 1), BOS), []
        for _ in range(MAXLEN - 1):
            o, state = model.step(y, state, mem, hide)
            y = o.argmax(-1)
            got.append(y)
        got = torch.cat(got, 1)
    done = (got == EOS).cumsum(1) - (got == EOS).long() > 0
    got = got.masked_fill(done, PAD)
    return loss, (got == t[:, 1:]).all(1).float().mean().item()


for epoch in range(5):
    model.train()
    for b in (torch.randperm(len(S) - n_dev) + n_dev).split(32):
        logits = model(S[b], T[b, :-1])
        loss = criterion(logits.transpose(1, 2), T[b, 1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    l, exact = evaluate()
    print(f"epoch {epoch + 1}: dev perplexity {2.718281828 ** l:.3f}  whole words right {exact:.3f}")
