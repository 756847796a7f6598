"""Joint intent detection and slot filling for a home assistant (packed BiLSTM, two heads)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(11)
torch.manual_seed(11)

ROOMS = "kitchen bedroom hallway office garage attic bathroom terrace nursery cellar".split()
ARTISTS = "mozart abba queen bjork nina prince sting adele drake shakira".split()
CITIES = "oslo paris izmir lima boston dresden kyoto delhi quito leeds".split()
NUMS = "five ten twelve fifteen twenty thirty forty fifty".split()
DAYS = "today tomorrow monday tuesday friday sunday".split()
PRE = ["please", "hey", "could you", "can you", "i want you to", "now", "um", "would you kindly", ""]
POST = ["please", "thanks", "right now", "if you can", "okay", "for me", ""]

# a slot is written {TYPE}; the prepositions are shared, so that the context has to be read
PATTERNS = [
    ("light", "turn the lamp on in the {ROOM}"), ("light", "switch off the lights in the {ROOM}"),
    ("light", "dim the {ROOM} lamp to {NUM} percent"), ("light", "make it brighter in the {ROOM} at {TIME}"),
    ("music", "play {ARTIST} in the {ROOM}"), ("music", "put on something by {ARTIST}"),
    ("music", "play {NUM} songs by {ARTIST}"), ("music", "queue {ARTIST} for {DAY}"),
    ("weather", "what is it like in {CITY} {DAY}"), ("weather", "will it rain in {CITY} on {DAY}"),
    ("weather", "do i need a coat in {CITY}"), ("weather", "forecast for {CITY} at {TIME}"),
    ("timer", "set a timer for {NUM} minutes"), ("timer", "wake me at {TIME} on {DAY}"),
    ("timer", "remind me in {NUM} minutes about {ARTIST}"), ("timer", "ring in the {ROOM} at {TIME} {DAY}"),
]


def fill(kind):
    if kind == "TIME":
        return [random.choice(NUMS), random.choice(["past", "to"]), random.choice(["one", "two", "three", "four", "six", "nine"])]
    if kind == "CITY" and random.random() < 0.3:
        return ["new", random.choice(CITIES)]
    return [random.choice({"ROOM": ROOMS, "ARTIST": ARTISTS, "CITY": CITIES, "NUM": NUMS, "DAY": DAYS}[kind])]


def utterance():
    intent, pattern = random.choice(PATTERNS)
    words, tags = random.choice(PRE).split(), []
    tags = ["O"] * len(words)
    for w in pattern.split():
        if w.startswith("{"):
            got = fill(w[1:-1])
            words += got
            tags += ["B-" + w[1:-1]] + ["I-" + w[1:-1]] * (len(got) - 1)
        else:
            words.append(w)
            tags.append("O")
    tail = random.choice(POST).split()
    return tuple(words + tail), tuple(tags + ["O"] * len(tail)), intent


seen, data = set(), []
while len(data) < 3600:
    u = utterance()
    if u[0] not in seen:
        seen.add(u[0])
        data.append(u)
train, dev, test = data[:2600], data[2600:3100], data[3100:]

stoi = {"<pad>": 0, "<unk>": 1}
for words, _, _ in train:
    for w in words:
        stoi.setdefault(w, len(stoi))
TAGS = sorted({t for _, tags, _ in train for t in tags})
INTENTS = sorted({i for _, _, i in train})


def collate(rows):
    x = pad_sequence([torch.tensor([stoi.get(w, 1) for w in r[0]]) for r in rows], batch_first=True)
    y = pad_sequence([torch.tensor([TAGS.index(t) for t in r[1]]) for r in rows], batch_first=True, padding_value=-1)
    return {"tokens": x, "lengths": torch.tensor([len(r[0]) for r in rows]), "tags": y,
            "intent": torch.tensor([INTENTS.index(r[2]) for r in rows])}


class JointModel(nn.Module):
    def __init__(self, n_words, n_tags, n_intents, dim=32, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.rnn = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.tag_head = nn.Linear(2 * hidden, n_tags)
        self.intent_head = nn.Linear(2 * hidden, n_intents)

    def forward(self, tokens, lengths):
        e = self.drop(self.emb(tokens))
        out, (h, _) = self.rnn(pack_padded_sequence(e, lengths, batch_first=True, enforce_sorted=False))
        out, _ = pad_packed_sequence(out, batch_first=True, total_length=tokens.size(1))
        return self.tag_head(self.drop(out)), self.intent_head(self.drop(torch.cat([h[0], h[1]], 1)))


model = JointModel(len(stoi), len(TAGS), len(INTENTS))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loaders = {name: DataLoader(part, 64, shuffle=(name == "train"), collate_fn=collate)
           for name, part in [("train", train), ("dev", dev), ("test", test)]}


@torch.no_grad()
def evaluate(loader):
    model.eval()
    right = total = good = rows = 0
    for b in loader:
        tags, intent = model(b["tokens"], b["lengths"])
        keep = b["tags"] != -1
        right += (tags.argmax(-1)[keep] == b["tags"][keep]).sum().item()
        total += keep.sum().item()
        good += (intent.argmax(-1) == b["intent"]).sum().item()
        rows += len(intent)
    model.train()
    return right / total, good / rows


for epoch in range(6):
    running = 0.0
    for b in loaders["train"]:
        tags, intent = model(b["tokens"], b["lengths"])
        loss = F.cross_entropy(tags.flatten(0, 1), b["tags"].flatten(), ignore_index=-1) + 0.5 * F.cross_entropy(intent, b["intent"])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        running += loss.item()
    slot, intent_acc = evaluate(loaders["dev"])
    print(f"epoch {epoch + 1}  loss {running / len(loaders['train']):.4f}  dev slots {slot:.3f}  dev intent {intent_acc:.3f}")
majority = sum(t == "O" for _, tags, _ in dev for t in tags) / sum(len(r[0]) for r in dev)
print("test slots %.3f, intent %.3f (only O: %.3f)" % (*evaluate(loaders["test"]), majority))
