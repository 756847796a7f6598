"""Past tense of verbs, letter by letter, with a GRU encoder-decoder."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(10)
torch.manual_seed(10)
PAD, SOS, EOS, MAX_LENGTH = 0, 1, 2, 14
VOWELS = "aeiou"


def verb():
    v = "".join(random.choice("bdfgklmnprst") + random.choice(VOWELS) for _ in range(random.randint(1, 2))) + random.choice("bdgklmnprstye")
    return v


def past(v):
    if v.endswith("e"):
        return v + "d"
    if v.endswith("y"):
        return v[:-1] + "ied" if v[-2] not in VOWELS else v + "ed"
    if len(v) == 3:
        return v + v[-1] + "ed"
    return v + "ed"


verbs = sorted({verb() for _ in range(2500)})
random.shuffle(verbs)
train, dev = verbs[:1500], verbs[1500:1700]


def to_ids(word):
    return [ord(c) - 94 for c in word]


def pad(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True)


def batch(vs):
    src = pad([to_ids(v) for v in vs])
    # fault:
    trg = pad([[SOS] + to_ids(past(v)) for v in vs])
    # mended:
    # trg = pad([[SOS] + to_ids(past(v)) + [EOS] for v in vs])
    # end
    return src, (src != PAD).sum(1), trg


class EncoderDecoder(nn.Module):
    def __init__(self, hidden=96):
        super().__init__()
        self.emb = nn.Embedding(30, 32, padding_idx=PAD)
        self.enc = nn.GRU(32, hidden, batch_first=True)
        self.dec = nn.GRU(32, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 30)

    def encode(self, src, n):
        return self.enc(nn.utils.rnn.pack_padded_sequence(self.emb(src), n, batch_first=True, enforce_sorted=False))[1]

    def decode(self, y, h):
        out, h = self.dec(self.emb(y), h)
        return self.out(out), h

    @torch.no_grad()
    def greedy(self, word):
        h = self.encode(torch.tensor([to_ids(word)]), torch.tensor([len(word)]))
        y, letters = torch.tensor([[SOS]]), []
        for _ in range(MAX_LENGTH):
            logits, h = self.decode(y, h)
            y = logits.argmax(2)
            if y.item() == EOS:
                break
            letters.append(chr(y.item() + 94))
        return "".join(letters)


model = EncoderDecoder()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(9):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        src, n, trg = batch(train[i : i + 30])
        logits, _ = model.decode(trg[:, :-1], model.encode(src, n))
        loss = F.cross_entropy(logits.transpose(1, 2), trg[:, 1:], ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        right = sum(model.greedy(v) == past(v) for v in dev)
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev right {right / len(dev):.3f}  {dev[0]} -> {model.greedy(dev[0])}")
