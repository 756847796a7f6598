"""English to French on very short Tatoeba sentences, GRU with attention."""
import gzip
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(151)
torch.manual_seed(151)
SOS, EOS, UNK = 1, 2, 3
file = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "tatoeba-fra-eng" / "fra.txt.gz"
pairs = []
with gzip.open(file, "rt", encoding="utf-8") as f:
    for line in f:
        en, fr = (re.findall(r"[\w']+|[.!?]", t.lower()) for t in line.rstrip("\n").split("\t")[:2])
        if en[:2] in (["i", "am"], ["i'm"] + en[1:2], ["you're"] + en[1:2], ["he's"] + en[1:2], ["she's"] + en[1:2]) and len(en) <= 5:
            pairs.append((en, fr[:8]))
        if len(pairs) == 1200:
            break
random.shuffle(pairs)


def build(texts):
    counts = Counter(w for t in texts for w in t)
    return {w: i for i, (w, c) in enumerate(counts.most_common(800), start=4)}


en_vocab, fr_vocab = build([e for e, _ in pairs]), build([f for _, f in pairs])
data = [(torch.tensor([en_vocab.get(w, UNK) for w in e]), torch.tensor([SOS] + [fr_vocab.get(w, UNK) for w in f] + [EOS])) for e, f in pairs]
train, dev = data[:1050], data[1050:]


def collate(batch):
    return [nn.utils.rnn.pad_sequence(list(t), batch_first=True) for t in zip(*batch)]


class Translator(nn.Module):
    def __init__(self, n_en, n_fr, d=48):
        super().__init__()
        self.e, self.f = nn.Embedding(n_en, d, padding_idx=0), nn.Embedding(n_fr, d, padding_idx=0)
        self.enc, self.dec = nn.GRU(d, d, batch_first=True), nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, n_fr)

    def encode(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.e(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        return nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)[0], h

    def step(self, tokens, mem, h, pad):
        o, h = self.dec(self.f(tokens), h)
        a = (o @ mem.transpose(1, 2)).masked_fill(pad[:, None], -1e9).softmax(-1)
        return self.out(torch.cat([o, a @ mem], -1)), h


model = Translator(len(en_vocab) + 4, len(fr_vocab) + 4)
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 35):
        x, y = collate(train[i : i + 35])
        mem, h = model.encode(x)
        # fault:
        logits, _ = model.step(y, mem, h, x == 0)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=0)
        # mended:
        # logits, _ = model.step(y[:, :-1], mem, h, x == 0)
        # loss = F.cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=0)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 30:.4f}")
model.eval()
with torch.no_grad():
    x, y = collate(dev)
    mem, h = model.encode(x)
    token, outs = torch.full((len(x), 1), SOS), []
    for _ in range(y.size(1) - 1):
        logits, h = model.step(token, mem, h, x == 0)
        token = logits.argmax(-1)
        outs.append(token)
    out, gold = torch.cat(outs, 1), y[:, 1:]
print("dev words right", (out == gold)[gold != 0].float().mean().item())
