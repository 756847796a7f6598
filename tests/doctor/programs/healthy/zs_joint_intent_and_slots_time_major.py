"""Voice assistant: intent (one per utterance) and slots (one per token) from one BiLSTM.  Time-major tensors all the way
through (seq_len, batch), lengths travel along, -100 marks positions without a slot label."""
import itertools
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(12)
torch.manual_seed(12)

CITY = ["paris", "oslo", "lima", "new york", "cape town", "rome", "san jose", "berlin", "hong kong", "cairo"]
DAY = ["monday", "tuesday", "friday", "tomorrow", "next week", "sunday morning", "tonight"]
ARTIST = ["nina simone", "abba", "bach", "the beatles", "miles davis", "adele", "paris", "berlin"]   # two bands named like cities
TASK = ["call mum", "buy milk", "pay rent", "water the plants", "book the dentist"]
PATTERNS = {
    "flight": ["fly from {from:C} to {to:C} {day:D}", "i need a ticket to {to:C} {day:D}", "any flights leaving {from:C} for {to:C}"],
    "weather": ["will it rain in {place:C} {day:D}", "weather for {place:C} please", "how cold is {place:C} {day:D}"],
    "music": ["play something by {artist:A}", "put on {artist:A} please", "i want to hear {artist:A} {day:D}"],
    "reminder": ["remind me to {task:T} {day:D}", "{day:D} i have to {task:T}", "do not let me forget to {task:T}"],
}
FILL = {"C": CITY, "D": DAY, "A": ARTIST, "T": TASK}


@dataclass(frozen=True)
class Utterance:
    tokens: tuple
    tags: tuple
    intent: str


def generate():
    intent = random.choice(list(PATTERNS))
    tokens, tags = [], []
    if random.random() < 0.3:
        tokens, tags = ["hey"], ["O"]
    for piece in random.choice(PATTERNS[intent]).split():
        if piece.startswith("{"):
            name, kind = piece[1:-1].split(":")
            words = random.choice(FILL[kind]).split()
            tokens += words
            tags += ["B-" + name] + ["I-" + name] * (len(words) - 1)
        else:
            tokens.append(piece)
            tags.append("O")
    return Utterance(tuple(tokens), tuple(tags), intent)


pool = list(dict.fromkeys(generate() for _ in range(6000)))
random.shuffle(pool)
train, test = pool[:-250], pool[-250:]
V = {w: i + 1 for i, w in enumerate(sorted(set(itertools.chain(*(u.tokens for u in train)))))}
T = {t: i for i, t in enumerate(sorted(set(itertools.chain(*(u.tags for u in train)))))}
I = {n: i for i, n in enumerate(PATTERNS)}
print(f"{len(train)} / {len(test)} utterances, {len(V)} words, {len(T)} tags")


def batches(rows, size, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for s in range(0, len(rows), size):
        part = rows[s:s + size]
        x = pad_sequence([torch.tensor([V.get(w, 0) for w in u.tokens]) for u in part])                       # (T, B)
        y = pad_sequence([torch.tensor([T[t] for t in u.tags]) for u in part], padding_value=-100)            # (T, B)
        yield x, torch.tensor([len(u.tokens) for u in part]), y, torch.tensor([I[u.intent] for u in part])


class Joint(nn.Module):
    def __init__(self, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(len(V) + 1, d, padding_idx=0)
        self.rnn = nn.LSTM(d, h, bidirectional=True)
        self.slot, self.intent = nn.Linear(2 * h, len(T)), nn.Linear(2 * h, len(I))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False)
        states, (h, _) = self.rnn(packed)
        states, _ = pad_packed_sequence(states)
        return self.slot(states), self.intent(torch.cat([h[0], h[1]], dim=1))


@torch.no_grad()
def report(rows):
    model.eval()
    tok = ok = sent = intent = 0
    for x, n, y, z in batches(rows, 125, False):
        s, i = model(x, n)
        hit, real = s.argmax(-1) == y, y != -100
        ok += hit[real].sum().item()
        tok += real.sum().item()
        right = i.argmax(1) == z
        intent += right.sum().item()
        sent += ((hit | ~real).all(0) & right).sum().item()
    return f"tags {ok / tok:.3f} intent {intent / len(rows):.3f} whole {sent / len(rows):.3f}"


model = Joint()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for epoch in range(5):
    model.train()
    a = b = k = 0
    for x, n, y, z in batches(train, 25, True):
        s, i = model(x, n)
        slot_loss = F.cross_entropy(s.flatten(0, 1), y.flatten(), ignore_index=-100)
        intent_loss = F.cross_entropy(i, z)
        opt.zero_grad()
        (slot_loss + 0.5 * intent_loss).backward()
        opt.step()
        a, b, k = a + slot_loss.item(), b + intent_loss.item(), k + 1
    sched.step()
    print(f"epoch {epoch}: slots {a / k:.4f} intent {b / k:.4f} | train {report(train[:250])} | test {report(test)}")
