"""Part of speech tagging with a packed BiLSTM. Many words can be noun or verb, so the neighbours decide."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

BOTH = "play walk run watch help call plan talk work drink visit cook".split()
NOUN = "man girl teacher city river dog movie answer".split()
VERB = "eat know bring write find".split()
LEX = {"DET": "the a this my every".split(), "PRON": "we they you i".split(), "ADJ": "old long nice quick little".split(),
       "ADV": "often never soon always".split(), "MOD": "can must will should".split(), "PREP": "in near with after".split()}
PATTERNS = ["PRON VERB DET NOUN", "PRON MOD VERB DET ADJ NOUN", "DET NOUN MOD VERB PREP DET NOUN", "PRON ADV VERB DET NOUN PREP DET NOUN",
            "DET ADJ NOUN MOD ADV VERB DET NOUN", "MOD PRON VERB DET NOUN", "DET NOUN PREP DET NOUN MOD VERB PRON"]
TAGS = ["NOUN", "VERB"] + list(LEX)
IGNORE = -100


def sample(rng):
    tags = rng.choice(PATTERNS).split()
    words = []
    for t in tags:
        if t in LEX:
            words.append(rng.choice(LEX[t]))
        else:
            words.append(rng.choice(BOTH if rng.random() < 0.7 else (NOUN if t == "NOUN" else VERB)))
    return tuple(words), tuple(tags)


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hid=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim)
        self.rnn = nn.LSTM(dim, hid, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(2 * hid, n_tags)

    def forward(self, sents):
        packed = pack_sequence(sents, enforce_sorted=False)
        embedded = packed._replace(data=self.drop(self.emb(packed.data)))
        states, _ = pad_packed_sequence(self.rnn(embedded)[0])
        return self.out(self.drop(states))          # time, batch, tags


def main():
    rng = random.Random(21)
    torch.manual_seed(21)
    pool = dict(sample(rng) for _ in range(1000))
    data = list(pool.items())
    train, dev = data[:700], data[700:]
    w2i = {"<unk>": 0}
    for ws, _ in train:
        for w in ws:
            w2i.setdefault(w, len(w2i))

    def tensors(rows):
        xs = [torch.tensor([w2i.get(w, 0) for w in ws]) for ws, _ in rows]
        ys = [torch.tensor([TAGS.index(t) for t in ts]) for _, ts in rows]
        return xs, pad_sequence(ys, padding_value=IGNORE)

    model = Tagger(len(w2i), len(TAGS))
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-3)
    crit = nn.CrossEntropyLoss(ignore_index=IGNORE)
    for epoch in range(6):
        model.train()
        rng.shuffle(train)
        total, steps = 0.0, 0
        for i in range(0, len(train), 32):
            xs, y = tensors(train[i:i + 32])
            loss = crit(model(xs).flatten(0, 1), y.flatten())
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            total, steps = total + loss.item(), steps + 1
        model.eval()
        with torch.no_grad():
            xs, y = tensors(dev)
            pred = model(xs).argmax(-1)
        known = y != IGNORE
        hard = torch.tensor([[w in BOTH for w in ws] + [False] * (len(y) - len(ws)) for ws, _ in dev]).T
        print(f"epoch {epoch + 1} loss {total / steps:.3f} dev accuracy {(pred == y)[known].float().mean():.3f} "
              f"ambiguous words {(pred == y)[hard].float().mean():.3f}")


if __name__ == "__main__":
    main()
