"""Tag order ids, product names and places in support messages. Most tokens are O; scored by entity F1."""
import random
from typing import List, Tuple

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

TAGS = ["O", "B-PROD", "I-PROD", "B-PLACE", "I-PLACE", "B-ORDER"]
IGNORED = -100
BRANDS = "Nordik Alva Brisk Tonka Quell Sorano Pixo Velt".split()
THINGS = "router speaker charger blender scooter headset camera printer".split()
TOWNS = "Lund Bergen Turin Leeds Porto Graz Nantes Gdansk".split()
PREFIX = "Upper Lower New West".split()
OPENERS = ["hello", "hi there", "good morning", "dear team", "hey"]
MIDDLES = ["i bought the {p} and it should go to {c}", "the {p} never arrived in {c}", "your courier in {c} lost my {p}",
           "please send the {p} to my office in {c} not home", "order {o} with the {p} is late",
           "i live in {c} now , change order {o}", "cancel {o} please", "the {p} broke after one week of use",
           "where is {o} , the shop in {c} does not know", "is the {p} sold in {c} too"]
CLOSERS = ["thanks", "best regards", "please help soon", "", "i am waiting"]


def message(rng) -> Tuple[List[str], List[str]]:
    toks, tags = [], []
    for word in " ".join([rng.choice(OPENERS), rng.choice(MIDDLES), rng.choice(CLOSERS)]).split():
        if word == "{p}":
            toks += [rng.choice(BRANDS), rng.choice(THINGS)]
            tags += ["B-PROD", "I-PROD"]
        elif word == "{c}":
            if rng.random() < 0.3:
                toks.append(rng.choice(PREFIX))
                tags.append("B-PLACE")
            toks.append(rng.choice(TOWNS))
            tags.append("I-PLACE" if tags[-1] == "B-PLACE" else "B-PLACE")
        elif word == "{o}":
            toks.append("".join(rng.choice("0123456789") for _ in range(6)))
            tags.append("B-ORDER")
        else:
            toks.append(rng.choice(THINGS) if word == "shop" and rng.random() < 0.2 else word)
            tags.append("O")
    return toks, tags


def shape(token):
    return "<num>" if token.isdigit() else token


def spans(tags):
    found, start = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if start is not None and not (t.startswith("I-") and t[2:] == tags[start][2:]):
            found.add((start, i, tags[start][2:]))
            start = None
        if t.startswith("B-"):
            start = i
    return found


class Tagger(nn.Module):
    def __init__(self, n_words, dim=20, hidden=20):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.word_drop = nn.Dropout1d(0.1)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, ids, lengths):
        x = self.word_drop(self.emb(ids))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=ids.shape[1])
        return self.out(h)


def collate(rows, vocab):
    ids = pad_sequence([torch.tensor([vocab.get(shape(t), 1) for t in toks]) for toks, _ in rows], batch_first=True)
    gold = pad_sequence([torch.tensor([TAGS.index(t) for t in tags]) for _, tags in rows], batch_first=True,
                        padding_value=IGNORED)
    return ids, torch.tensor([len(t) for t, _ in rows]), gold


def entity_f1(model, rows, vocab):
    model.eval()
    ids, lengths, _ = collate(rows, vocab)
    with torch.no_grad():
        best = model(ids, lengths).argmax(-1)
    tp = said = gold = 0
    for row, (toks, tags) in zip(best.tolist(), rows):
        p, g = spans([TAGS[i] for i in row[:len(toks)]]), spans(tags)
        tp, said, gold = tp + len(p & g), said + len(p), gold + len(g)
    return 2 * tp / max(1, said + gold)


def main():
    rng = random.Random(64)
    torch.manual_seed(64)
    rows, seen = [], set()
    while len(rows) < 1100:
        toks, tags = message(rng)
        key = tuple(shape(t) for t in toks)
        if key not in seen:
            seen.add(key)
            rows.append((toks, tags))
    train, dev = rows[:800], rows[800:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for toks, _ in train:
        for t in toks:
            vocab.setdefault(shape(t), len(vocab))
    model = Tagger(len(vocab))
    opt = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=0.0)
    loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORED, label_smoothing=0.05)
    for epoch in range(6):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for s in range(0, len(train), 20):
            ids, lengths, gold = collate(train[s:s + 20], vocab)
            loss = loss_fn(model(ids, lengths).flatten(0, 1), gold.flatten())
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(lengths)
        print(f"epoch {epoch} loss {total / len(train):.4f} entity F1 train {entity_f1(model, train, vocab):.3f} "
              f"dev {entity_f1(model, dev, vocab):.3f}")


if __name__ == "__main__":
    main()
