"""Slot tagger for restaurant booking requests.

usage: python ner_train.py --epochs 6 --hidden 32
"""
import argparse
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

LABELS = ["O", "PARTY", "CUISINE", "PLACE", "TIME"]
CUISINES = "thai italian mexican indian greek korean french lebanese turkish spanish".split()
PLACES = "harbour station oldtown market riverside campus hillside cathedral airport plaza".split()
NUMS = "two three four five six seven eight nine".split()
TEMPLATES = [
    "book a table for NUM at a CUI place near PLC at NUM2",
    "we are NUM people and want CUI food around PLC",
    "is there any CUI restaurant by the PLC open at NUM2",
    "please reserve NUM seats tonight at NUM2 in PLC",
    "table for NUM tomorrow at NUM2 CUI if possible",
    "find me something CUI close to PLC for NUM",
]
FILLERS = "please thanks hi hello maybe um actually today now quickly".split()


def sample_request(rng):
    toks, tags = [], []
    for w in rng.choice(TEMPLATES).split():
        if rng.random() < 0.12:
            toks.append(rng.choice(FILLERS))
            tags.append("O")
        if w == "NUM":
            toks.append(rng.choice(NUMS)); tags.append("PARTY")
        elif w == "NUM2":
            toks.append(rng.choice(NUMS)); tags.append("TIME")
        elif w == "CUI":
            toks.append(rng.choice(CUISINES)); tags.append("CUISINE")
        elif w == "PLC":
            toks.append(rng.choice(PLACES)); tags.append("PLACE")
        else:
            toks.append(w); tags.append("O")
    return tuple(toks), tuple(tags)


class Tagger(nn.Module):
    def __init__(self, n_tokens, n_labels, dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, n_labels)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(out)


def batches(data, size):
    for i in range(0, len(data), size):
        chunk = data[i:i + size]
        x = pad_sequence([c[0] for c in chunk], batch_first=True)
        y = pad_sequence([c[1] for c in chunk], batch_first=True, padding_value=-100)
        yield x, y, torch.tensor([len(c[0]) for c in chunk])


def slot_accuracy(model, data):
    """accuracy over the words that are slots, and over all the words"""
    model.eval()
    hit = n = hit_all = n_all = 0
    with torch.no_grad():
        for x, y, ln in batches(data, 128):
            p = model(x, ln).argmax(-1)
            real = y >= 0
            slot = y > 0
            hit += (p[slot] == y[slot]).sum().item(); n += slot.sum().item()
            hit_all += (p[real] == y[real]).sum().item(); n_all += real.sum().item()
    return hit / n, hit_all / n_all


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--dim", type=int, default=24)
    ap.add_argument("--hidden", type=int, default=32)
    ap.add_argument("--batch-size", type=int, default=32)
    # fault:
    ap.add_argument("--lr", type=float, default=2.0)
    # mended:
    #ap.add_argument("--lr", type=float, default=0.005)
    # end
    ap.add_argument("--seed", type=int, default=13)
    args = ap.parse_args()

    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    pool = {}
    while len(pool) < 1500:
        toks, tags = sample_request(rng)
        pool[toks] = tags
    rows = list(pool.items())
    train, test = rows[:1200], rows[1200:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for toks, _ in train:
        for t in toks:
            vocab.setdefault(t, len(vocab))
    encode = lambda rs: [(torch.tensor([vocab.get(t, 1) for t in a]),
                          torch.tensor([LABELS.index(t) for t in b])) for a, b in rs]
    train, test = encode(train), encode(test)

    model = Tagger(len(vocab), len(LABELS), args.dim, args.hidden)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss(ignore_index=-100)
    for epoch in range(1, args.epochs + 1):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for x, y, ln in batches(train, args.batch_size):
            opt.zero_grad()
            loss = loss_fn(model(x, ln).flatten(0, 1), y.flatten())
            loss.backward()
            opt.step()
            total += loss.item() * len(x)
        slots, words = slot_accuracy(model, test)
        print(f"epoch {epoch}: train loss {total / len(train):.4f}  test slots {slots:.4f}  test words {words:.4f}")


if __name__ == "__main__":
    main()
