"""Telling the time: '14:35' -> 'twenty five to three pm', with a small encoder-decoder."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(1)
torch.manual_seed(1)

UNITS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
         "fifteen sixteen seventeen eighteen nineteen").split()


def number(n):
    if n < 20:
        return [UNITS[n]]
    return ["twenty"] + ([UNITS[n - 20]] if n > 20 else [])


def tell(hour, minute):
    part = "am" if hour < 12 else "pm"
    if minute > 30:
        hour, lead = hour + 1, number(60 - minute) + ["to"]
    else:
        lead = number(minute) + ["past"]
    if minute == 0:
        lead = []
    elif minute == 30:
        lead = ["half", "past"]
    elif minute in (15, 45):
        lead = ["quarter"] + lead[-1:]
    return lead + [UNITS[(hour - 1) % 12 + 1], part]


PAD, BOS, EOS = 0, 1, 2
pairs = [(f"{h:02d}:{m:02d}", tell(h, m)) for h in range(24) for m in range(60)]
words = ["<pad>", "<s>", "</s>"] + sorted({w for _, t in pairs for w in t})
word_id = {w: i for i, w in enumerate(words)}
random.shuffle(pairs)
train, test = pairs[:1200], pairs[1200:]


def collate(batch):
    src = torch.tensor([[int(c) if c != ":" else 10 for c in s] for s, _ in batch])
    tgt = [torch.tensor([BOS] + [word_id[w] for w in t] + [EOS]) for _, t in batch]
    return src, pad_sequence(tgt, batch_first=True, padding_value=PAD)


class Seq2Seq(nn.Module):
    def __init__(self, n_words, dim=32, hidden=96):
        super().__init__()
        self.src_emb = nn.Embedding(11, dim)
        self.tgt_emb = nn.Embedding(n_words, dim, padding_idx=PAD)
        self.encoder = nn.GRU(dim, hidden, batch_first=True)
        self.decoder = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n_words)

    def encode(self, src):
        return self.encoder(self.src_emb(src))[1]

    def decode(self, prev, state):
        out, state = self.decoder(self.tgt_emb(prev), state)
        return self.out(out), state

    @torch.no_grad()
    def translate(self, src, max_len=8):
        state = self.encode(src)
        token = torch.full((len(src), 1), BOS)
        done = torch.zeros(len(src), dtype=torch.bool)
        produced = []
        for _ in range(max_len):
            logits, state = self.decode(token, state)
            token = logits.argmax(-1)
            token[done] = PAD
            done |= token[:, 0] == EOS
            produced.append(token)
        return torch.cat(produced, dim=1)


model = Seq2Seq(len(words))
loss_fn = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
loader = DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)


def score(rows):
    model.eval()
    src, tgt = collate(rows)
    right = 0
    for hyp, ref in zip(model.translate(src).tolist(), tgt[:, 1:].tolist()):
        right += [w for w in hyp if w != PAD] == [w for w in ref if w != PAD]
    return right / len(rows)


for epoch in range(1, 26):
    model.train()
    total = 0.0
    for src, tgt in loader:
        # fault:
        decoder_in, gold = tgt[:, 1:], tgt[:, 1:]
        # mended:
        #decoder_in, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        logits, _ = model.decode(decoder_in, model.encode(src))
        loss = loss_fn(logits.reshape(-1, len(words)), gold.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    if epoch % 5 == 0:
        print(f"epoch {epoch:2d} loss {total / len(loader):.4f} exact (test) {score(test):.3f}")

src, _ = collate(test[:4])
for (clock, gold), ids in zip(test[:4], model.translate(src).tolist()):
    print(clock, "|", " ".join(words[i] for i in ids if i not in (PAD, EOS)), "|", " ".join(gold))
