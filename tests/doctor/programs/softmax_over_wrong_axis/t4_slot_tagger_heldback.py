"""Slot filling for a booking assistant: BiGRU tagger, span F1."""
import random
import string

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(21)
torch.manual_seed(21)


def invent(n, length, seed):
    r = random.Random(seed)
    return ["".join(r.choice(string.ascii_lowercase) for _ in range(length)) for _ in range(n)]


CITIES, PEOPLE = invent(25, 6, 1), invent(30, 5, 2)
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
HOURS = [f"{h}{m}" for h in range(1, 13) for m in ("am", "pm")]
SLOTS = {"city": CITIES, "person": PEOPLE, "day": DAYS, "hour": HOURS}
FRAMES = [
    "please book a train from {from:city} to {to:city} on {when:day}",
    "i want to fly to {to:city} from {from:city} {when:day} at {time:hour}",
    "table for {guest:person} and {guest:person} on {when:day} at {time:hour}",
    "tell {guest:person} that i leave {from:city} at {time:hour}",
    "does {host:person} expect {guest:person} on {when:day} or {when:day}",
    "move the call with {host:person} in {to:city} to {when:day} {time:hour}",
    "ask {host:person} if {guest:person} comes to {to:city} {when:day}",
]


def realise():
    words, tags = [], []
    for piece in random.choice(FRAMES).split():
        if piece[0] == "{":
            role, kind = piece[1:-1].split(":")
            if kind == "person" and random.random() < 0.5:
                words += random.sample(PEOPLE, 2)
                tags += ["B-" + role, "I-" + role]
                continue
            words.append(random.choice(SLOTS[kind]))
            tags.append("B-" + role)
        else:
            words.append(piece)
            tags.append("O")
    return tuple(words), tuple(tags)


corpus = {}
while len(corpus) < 1500:
    w, t = realise()
    corpus[w] = t
rows = list(corpus.items())
w2i = {w: i + 1 for i, w in enumerate(sorted({w for r in rows for w in r[0]}))}
t2i = {t: i for i, t in enumerate(sorted({t for r in rows for t in r[1]}))}
names = list(t2i)
data = [(torch.tensor([w2i[w] for w in ws]), torch.tensor([t2i[t] for t in ts])) for ws, ts in rows]
train, test = data[:1200], data[1200:]


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hidden=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, n_tags)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        # fault:
        return self.out(h).log_softmax(dim=1)
        # mended:
        #return self.out(h).log_softmax(dim=2)
        # end


def collate(part):
    xs, ys = zip(*part)
    return (pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]),
            pad_sequence(ys, batch_first=True, padding_value=-1))


def spans(tags):
    found, start = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if start is not None and not t.startswith("I-"):
            found.add((start, i, tags[start][2:]))
            start = None
        if t.startswith("B-"):
            start = i
    return found


def span_f1(model):
    model.eval()
    hit = n_pred = n_gold = 0
    with torch.no_grad():
        x, lengths, y = collate(test)
        logp = model(x, lengths)
        dev = criterion(logp.flatten(0, 1), y.flatten()).item()
        for p, g, n in zip(logp.argmax(-1), y, lengths):
            p, g = spans([names[i] for i in p[:n]]), spans([names[i] for i in g[:n]])
            hit, n_pred, n_gold = hit + len(p & g), n_pred + len(p), n_gold + len(g)
    return dev, 2 * hit / max(n_pred + n_gold, 1)


model = Tagger(len(w2i) + 1, len(t2i))
optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.NLLLoss(ignore_index=-1)
print(len(train), "train", len(test), "test", len(t2i), "tags")
for epoch in range(6):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 32):
        x, lengths, y = collate(train[i:i + 32])
        loss = criterion(model(x, lengths).flatten(0, 1), y.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    dev, f1 = span_f1(model)
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.3f} test loss {dev:.3f} span F1 {f1:.3f}")
