"""Pronunciation -> spelling, letter by letter (toy phonology with silent letters and doubled vowels).
Letters in the right place, on words the model was not trained on."""
import random
from itertools import product

import torch
from torch import nn
from torch.nn import functional as F

random.seed(19)
torch.manual_seed(19)

ONSET = {"B": "b", "D": "d", "F": "ph", "K": "k", "M": "m", "N": "kn", "R": "r", "S": "c", "T": "t", "Z": "s"}
VOWEL = {"A": "a", "E": "ea", "I": "i", "O": "o", "U": "oo"}


def spell(phones):
    out = ""
    for p in phones:
        out += ONSET.get(p) or VOWEL[p]
    if phones[-1] in "AO":
        out += "e"                        # silent
    return out


syllables = ["".join(p) for p in product(ONSET, VOWEL)]
words = set()
while len(words) < 1900:
    words.add("".join(random.choices(syllables, k=random.randint(2, 3))))
words = sorted(words)
random.shuffle(words)
pairs = [(w, spell(w)) for w in words]
train, held = pairs[:1600], pairs[1600:]

P = {p: i + 1 for i, p in enumerate(list(ONSET) + list(VOWEL))}
LETTERS = ["<pad>", "<s>", "</s>"] + sorted({c for _, s in pairs for c in s})
L = {c: i for i, c in enumerate(LETTERS)}


def tensors(rows):
    src = nn.utils.rnn.pad_sequence([torch.tensor([P[c] for c in w]) for w, _ in rows], batch_first=True)
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([1] + [L[c] for c in s] + [2]) for _, s in rows], batch_first=True)
    return src, tgt


class Speller(nn.Module):
    def __init__(self, d=24, h=56):
        super().__init__()
        self.phone = nn.Embedding(len(P) + 1, d, padding_idx=0)
        self.letter = nn.Embedding(len(L), d, padding_idx=0)
        self.enc = nn.GRU(d, h, batch_first=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.to_letter = nn.Linear(h, len(L))

    def read(self, src):
        n = (src > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.phone(src), n, batch_first=True, enforce_sorted=False)
        return self.enc(packed)[1]

    def write(self, letters, state):
        y, state = self.dec(self.letter(letters), state)
        return self.to_letter(y), state


def predict(model, src, tgt):
    state = model.read(src)
    # fault:
    logits, _ = model.write(tgt[:, :-1], state)
    return logits.argmax(-1)
    # mended:
    # letter, letters = tgt[:, :1], []
    # for _ in range(tgt.size(1) - 1):
    #     logits, state = model.write(letter, state)
    #     letter = logits.argmax(-1)
    #     letters.append(letter)
    # return torch.cat(letters, 1)
    # end


def cut(ids):
    ids = ids.tolist()
    return "".join(LETTERS[i] for i in (ids[:ids.index(2)] if 2 in ids else ids))


@torch.no_grad()
def scores(model, rows):
    model.eval()
    src, tgt = tensors(rows)
    hyp = [cut(r) for r in predict(model, src, tgt)]
    letters = [a == b for h, (_, s) in zip(hyp, rows) for a, b in zip(h.ljust(len(s)), s)]
    model.train()
    return sum(letters) / len(letters), hyp


model = Speller()
all_src, all_tgt = tensors(train)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(6):
    perm = torch.randperm(len(train))
    if epoch == 4:
        opt.param_groups[0]["lr"] = 3e-3
    tot = 0.0
    for i in range(0, len(train), 40):
        src, tgt = all_src[perm[i:i + 40]], all_tgt[perm[i:i + 40]]
        logits, _ = model.write(tgt[:, :-1], model.read(src))
        loss = F.cross_entropy(logits.transpose(1, 2), tgt[:, 1:], ignore_index=0)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item() / (len(train) / 40)
    acc, hyp = scores(model, held)
    print(f"epoch {epoch + 1} loss {tot:.3f} held-out letters right {acc:.3f}")
print("train letters right %.3f" % scores(model, train[:300])[0])
for (w, s), h in list(zip(held, hyp))[:3]:
    print("  /%s/ %s (want %s)" % (w, h, s))
