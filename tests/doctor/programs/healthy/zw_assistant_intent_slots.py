"""Joint intent detection and slot filling for a home assistant (toy grammar), one encoder, two heads."""
import random
from itertools import chain

import torch
from torch import nn

R = random.Random(42)
torch.manual_seed(42)

SLOTS = {
    "room": ["kitchen", "bedroom", "living room", "garage", "upper hall", "bath"],
    "device": ["lamp", "heater", "fan", "coffee machine", "radio", "blinds"],
    "time": ["seven", "noon", "half past six", "midnight", "ten to nine", "quarter past two"],
    "song": ["blue moon", "yesterday", "the river", "let it be", "hallelujah", "summer nights"],
    "artist": ["nina simone", "bach", "the doors", "adele", "miles davis"],
}
PATTERNS = {
    "switch_on": ["turn on the {device} in the {room}", "switch the {device} on", "please start the {room} {device}"],
    "switch_off": ["turn off the {device} in the {room}", "switch the {device} off", "please stop the {room} {device}"],
    "alarm": ["wake me at {time}", "set an alarm for {time}", "alarm in the {room} at {time} please"],
    "play": ["play {song} by {artist}", "i want to hear {artist}", "put {song} on in the {room}", "play {song} at {time}"],
    "status": ["is the {device} in the {room} running", "is the {device} on", "what is playing in the {room}"],
}
INTENTS = list(PATTERNS)
TAGS = ["O"] + [p + s for s in SLOTS for p in ("B-", "I-")]
FILL = ["", "", "", "hey", "ok", "um", "could you"]


def sample():
    intent = R.choice(INTENTS)
    words, tags = R.choice(FILL).split(), []
    tags = ["O"] * len(words)
    for w in R.choice(PATTERNS[intent]).split():
        if w[0] == "{":
            v = R.choice(SLOTS[w[1:-1]]).split()
            words += v
            tags += ["B-" + w[1:-1]] + ["I-" + w[1:-1]] * (len(v) - 1)
        else:
            words.append(w); tags.append("O")
    return tuple(words), tuple(tags), intent


pool = list(dict.fromkeys(sample() for _ in range(5000)))
R.shuffle(pool)
cut = len(pool) - 250
train, test = pool[:cut], pool[cut:]
itos = ["<pad>", "<unk>"] + sorted(set(chain.from_iterable(w for w, _, _ in train)))
stoi = {w: i for i, w in enumerate(itos)}


def to_batch(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    L = [len(r[0]) for r in rows]
    x = torch.zeros(len(rows), L[0], dtype=torch.long)
    y = torch.full_like(x, -100)
    for i, (w, t, _) in enumerate(rows):
        x[i, :len(w)] = torch.tensor([stoi.get(a, 1) for a in w])
        y[i, :len(t)] = torch.tensor([TAGS.index(a) for a in t])
    return {"x": x, "len": L, "tags": y, "intent": torch.tensor([INTENTS.index(r[2]) for r in rows]), "rows": rows}


class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(itos), 20, padding_idx=0)
        self.rnn = nn.GRU(20, 24, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(48, len(TAGS))
        self.intent = nn.Linear(48, len(INTENTS))

    def forward(self, b):
        p = nn.utils.rnn.pack_padded_sequence(self.e(b["x"]), b["len"], batch_first=True)
        o, h = self.rnn(p)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return self.tag(o), self.intent(torch.cat([h[0], h[1]], -1))


def spans(tags):
    out, start = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if start is not None and not t.startswith("I-"):
            out.add((start, i, kind)); start = None
        if t.startswith("B-"):
            start, kind = i, t[2:]
    return out


def evaluate(net, rows):
    net.eval()
    tp = pred = gold = ok = exact = 0
    with torch.no_grad():
        b = to_batch(rows)
        t, c = net(b)
        t, c = t.argmax(-1).tolist(), c.argmax(-1).tolist()
    for (w, g, it), tt, cc in zip(b["rows"], t, c):
        a, s = spans(g), spans([TAGS[k] for k in tt[:len(w)]])
        tp += len(a & s); pred += len(s); gold += len(a)
        ok += INTENTS[cc] == it
        exact += INTENTS[cc] == it and a == s
    return {"intent": round(ok / len(rows), 3), "slot_f1": round(2 * tp / max(pred + gold, 1), 3), "exact": round(exact / len(rows), 3)}


net = Joint()
opt = torch.optim.RMSprop(net.parameters(), lr=4e-3)
ce = nn.CrossEntropyLoss(ignore_index=-100)
print(len(train), "utterances for training,", len(test), "unseen ones for the test")
for epoch in range(4):
    net.train()
    R.shuffle(train)
    li = ls = n = 0
    for k in range(0, len(train), 32):
        b = to_batch(train[k:k + 32])
        t, c = net(b)
        slot_loss, intent_loss = ce(t.transpose(1, 2), b["tags"]), ce(c, b["intent"])
        opt.zero_grad()
        (slot_loss + 0.5 * intent_loss).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        li += intent_loss.item(); ls += slot_loss.item(); n += 1
    print(epoch, f"slots {ls / n:.4f} intent {li / n:.4f}", evaluate(net, test))
