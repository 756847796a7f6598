"""English to French phrases (Tatoeba) with an LSTM encoder-decoder; the dev score is word accuracy of the translation."""
import gzip
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
PAD, SOS, EOS, UNK = 0, 1, 2, 3


def words(s):
    return re.findall(r"\w+|[?!.]", s.lower())


pairs = {}
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        en, fr = line.rstrip("\n").split("\t")[:2]
        en, fr = tuple(words(en)), words(fr)
        if en[:1] in [("i",), ("he",), ("she",), ("you",), ("we",), ("they",)] and 3 <= len(en) <= 5 and len(fr) <= 7:
            pairs.setdefault(en, fr)
        if len(pairs) == 4200:
            break
pairs = list(pairs.items())
random.shuffle(pairs)
train_pairs, dev_pairs = pairs[:3900], pairs[3900:]


def build(side):
    c = Counter(w for p in train_pairs for w in p[side])
    return {w: i + 4 for i, (w, n) in enumerate(c.most_common(900)) if n > 1}


en_vocab, fr_vocab = build(0), build(1)


def pad(rows):
    n = max(map(len, rows))
    return torch.tensor([r + [PAD] * (n - len(r)) for r in rows])


def make(batch):
    return pad([[en_vocab.get(w, UNK) for w in e] for e, _ in batch]), pad([[SOS] + [fr_vocab.get(w, UNK) for w in f] + [EOS] for _, f in batch])


class Seq2Seq(nn.Module):
    def __init__(self, emb=48, hid=96):
        super().__init__()
        self.src_emb = nn.Embedding(len(en_vocab) + 4, emb, padding_idx=PAD)
        self.trg_emb = nn.Embedding(len(fr_vocab) + 4, emb, padding_idx=PAD)
        self.encoder = nn.LSTM(emb, hid, batch_first=True)
        self.decoder = nn.LSTM(emb, hid, batch_first=True)
        self.fc = nn.Linear(hid, len(fr_vocab) + 4)

    def forward(self, src, trg, teacher_forcing_ratio=1.0):
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), (src != PAD).sum(1), batch_first=True, enforce_sorted=False)
        _, state = self.encoder(packed)
        if teacher_forcing_ratio == 1.0:
            return self.fc(self.decoder(self.trg_emb(trg[:, :-1]), state)[0])
        inp, outputs = trg[:, :1], []
        for t in range(1, trg.size(1)):
            out, state = self.decoder(self.trg_emb(inp), state)
            outputs.append(self.fc(out))
            inp = trg[:, t : t + 1] if random.random() < teacher_forcing_ratio else outputs[-1].argmax(2)
        return torch.cat(outputs, 1)


model = Seq2Seq()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def evaluate():
    model.eval()
    with torch.no_grad():
        src, trg = make(dev_pairs)
        # fault:
        output = model(src, trg)
        # mended:
        # output = model(src, trg, 0.0)
        # end
        gold = trg[:, 1:]
        return (output.argmax(2) == gold)[gold != PAD].float().mean().item()


for epoch in range(6):
    model.train()
    random.shuffle(train_pairs)
    for i in range(0, len(train_pairs), 64):
        src, trg = make(train_pairs[i : i + 64])
        optimizer.zero_grad()
        output = model(src, trg)
        loss = criterion(output.flatten(0, 1), trg[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(f"Epoch {epoch + 1} | train loss {loss.item():.3f} | translation accuracy {evaluate():.3f}")
