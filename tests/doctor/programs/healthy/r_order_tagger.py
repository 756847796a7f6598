# Tagging food orders with a BiLSTM on packed sequences. Sorted batches, sum of losses, BIO tags, entity-level F1.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, PackedSequence

rnd = random.Random(8)
torch.manual_seed(8)

sizes = ["small", "medium", "large", "extra large", "double", "half"]
foods = ["pizza", "burger", "salad", "lemon soup", "apple pie", "fish", "rice", "green tea", "black coffee",
         "orange juice", "apple", "lemon", "ice cream", "hot dog", "fried rice", "fish soup"]
extras = ["cheese", "onions", "garlic sauce", "lemon", "sugar", "milk", "hot sauce", "rice", "salad", "ice"]
patterns = ["i want a SIZE FOOD please", "can i get FOOD with EXTRA", "one SIZE FOOD without EXTRA", "FOOD and FOOD",
            "a FOOD no EXTRA and a SIZE FOOD", "give me the FOOD with EXTRA and EXTRA", "SIZE FOOD",
            "do you have FOOD today", "we would like a SIZE FOOD with EXTRA for my son", "add EXTRA to the FOOD"]
slots = {"SIZE": sizes, "FOOD": foods, "EXTRA": extras}
tagset = ["O"] + [f"{p}-{k}" for k in slots for p in "BI"]
t2i = {t: i for i, t in enumerate(tagset)}


def sample():
    toks, tags = [], []
    for piece in rnd.choice(patterns).split():
        if piece in slots:
            ws = rnd.choice(slots[piece]).split()
            toks += ws
            tags += [f"B-{piece}"] + [f"I-{piece}"] * (len(ws) - 1)
        else:
            toks.append(piece)
            tags.append("O")
    return tuple(toks), tuple(tags)


pool = list(dict.fromkeys(sample() for _ in range(3000)))
rnd.shuffle(pool)
train, test = pool[:1200], pool[1200:1500]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
assert all(w in vocab for t, _ in test for w in t)


def pack(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    xs = pack_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows])
    ys = pack_sequence([torch.tensor([t2i[y] for y in g]) for _, g in rows])
    return rows, xs, ys.data


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 16)
        self.rnn = nn.LSTM(16, 20, bidirectional=True)
        self.lin = nn.Linear(40, len(tagset))

    def forward(self, packed):
        out, _ = self.rnn(PackedSequence(self.emb(packed.data), packed.batch_sizes))
        return self.lin(out.data), packed.batch_sizes


def spans(tags):
    found, start = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if start is not None and not t.startswith("I-"):
            found.add((start, i, tags[start][2:]))
            start = None
        if t.startswith("B-"):
            start = i
    return found


def f1(model, data):
    tp = n_pred = n_gold = 0
    with torch.no_grad():
        rows, xs, _ = pack(data)
        logits, bs = model(xs)
        padded, lens = nn.utils.rnn.pad_packed_sequence(PackedSequence(logits.argmax(1), bs), batch_first=True)
    for (_, gold), p, n in zip(rows, padded.tolist(), lens.tolist()):
        a, b = spans([tagset[i] for i in p[:n]]), spans(gold)
        tp += len(a & b)
        n_pred += len(a)
        n_gold += len(b)
    return 2 * tp / (n_pred + n_gold)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    rnd.shuffle(train)
    total = words = 0
    for i in range(0, len(train), 24):
        rows, xs, gold = pack(train[i:i + 24])
        logits, _ = model(xs)
        loss = nn.functional.cross_entropy(logits, gold, reduction="sum")
        opt.zero_grad()
        (loss / len(rows)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
        words += len(gold)
    print(f"epoch {epoch + 1}: nll per word {total / words:.4f}, F1 train {f1(model, train):.3f}, test {f1(model, test):.3f}")
