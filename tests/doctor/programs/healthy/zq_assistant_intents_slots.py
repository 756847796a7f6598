"""Voice assistant NLU: one GRU encoder, two heads (intent of the utterance, BIO slot of every token)."""
import random
from typing import List, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

rng = random.Random(77)
CITY = "paris rome berlin oslo madrid new_york los_angeles san_diego".split()
ARTIST = "adele queen prince daft_punk pink_floyd bob_dylan".split()
TIME = "tomorrow tonight monday friday next_week this_evening".split()
TEMPLATES = {
    "weather": ["will it rain in {city} {time}", "how is the weather in {city}", "weather for {city} {time} please", "do i need an umbrella {time}"],
    "flight": ["book a flight to {city} {time}", "i want to fly to {city}", "find me tickets from {city} to {city} {time}"],
    "music": ["play something by {artist}", "put on {artist}", "i want to hear {artist} {time}", "add {artist} to my list"],
    "alarm": ["wake me up {time}", "set an alarm for {time}", "i have to get up early {time}"],
}
INTENTS = list(TEMPLATES)
SLOTS = ["O", "B-city", "I-city", "B-artist", "I-artist", "B-time", "I-time"]
FILL = {"city": CITY, "artist": ARTIST, "time": TIME}


class Utterance(NamedTuple):
    tokens: List[str]
    slots: List[str]
    intent: str


def sample() -> Utterance:
    intent = rng.choice(INTENTS)
    toks, slots = [], []
    if rng.random() < 0.3:
        toks, slots = ["hey", "assistant"], ["O", "O"]
    for piece in rng.choice(TEMPLATES[intent]).split():
        if piece.startswith("{"):
            kind = piece[1:-1]
            parts = rng.choice(FILL[kind]).split("_")
            toks += parts
            slots += ["B-" + kind] + ["I-" + kind] * (len(parts) - 1)
        else:
            # speech recognition drops or garbles a word now and then
            if rng.random() < 0.04:
                continue
            toks.append("mumble" if rng.random() < 0.05 else piece)
            slots.append("O")
    return Utterance(toks, slots, intent)


pool = {}
while len(pool) < 2000:
    u = sample()
    pool[" ".join(u.tokens)] = u
utts = list(pool.values())
rng.shuffle(utts)
train, dev = utts[:1600], utts[1600:]
vocab = {"<pad>": 0, "<unk>": 1}
for u in train:
    for t in u.tokens:
        vocab.setdefault(t, len(vocab))


def batches(rows, size, shuffle):
    rows = list(rows)
    if shuffle:
        rng.shuffle(rows)
    for k in range(0, len(rows), size):
        chunk = rows[k:k + size]
        T = max(len(u.tokens) for u in chunk)
        x = torch.zeros(len(chunk), T, dtype=torch.long)
        s = torch.full((len(chunk), T), -1)
        for i, u in enumerate(chunk):
            x[i, :len(u.tokens)] = torch.tensor([vocab.get(t, 1) for t in u.tokens])
            s[i, :len(u.tokens)] = torch.tensor([SLOTS.index(l) for l in u.slots])
        yield x, s, torch.tensor([INTENTS.index(u.intent) for u in chunk])


class JointNLU(nn.Module):
    def __init__(self, n_words: int, dim: int = 24, hid: int = 24):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.fwd = nn.GRU(dim, hid, batch_first=True)
        self.slot_head = nn.Linear(hid + dim, len(SLOTS))
        self.intent_head = nn.Linear(hid, len(INTENTS))

    def forward(self, x: Tensor):
        e = self.emb(x)
        h, _ = self.fwd(e)                      # left to right: padding on the right changes nothing before it
        real = (x != 0).unsqueeze(-1)
        pooled = h.masked_fill(~real, float("-inf")).max(1).values
        return self.slot_head(torch.cat([h, e], -1)), self.intent_head(pooled)


def report(model, rows):
    model.eval()
    si = sn = ii = exact = 0
    with torch.no_grad():
        for x, s, y in batches(rows, 200, False):
            ps, pi = model(x)
            ok = (ps.argmax(-1) == s) | (s == -1)
            si += (ok & (s != -1)).sum().item()
            sn += (s != -1).sum().item()
            good = pi.argmax(-1) == y
            ii += good.sum().item()
            exact += (good & ok.all(1)).sum().item()
    return f"slot acc {si / sn:.3f} intent acc {ii / len(rows):.3f} whole utterance {exact / len(rows):.3f}"


torch.manual_seed(77)
model = JointNLU(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    model.train()
    a = b = 0.0
    for x, s, y in batches(train, 40, True):
        slot_logits, intent_logits = model(x)
        l_slot = cross_entropy(slot_logits.transpose(1, 2), s, ignore_index=-1)
        l_intent = cross_entropy(intent_logits, y)
        opt.zero_grad()
        (l_slot + l_intent).backward()
        opt.step()
        a, b = a + l_slot.item() / 40, b + l_intent.item() / 40
    if epoch == 2:
        opt.param_groups[0]["lr"] = 0.003
    print(f"epoch {epoch}: slot loss {a:.3f} intent loss {b:.3f} | dev {report(model, dev)}")
print("train", report(model, train))
