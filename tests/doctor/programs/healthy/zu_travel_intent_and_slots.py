"""Joint intent detection and slot filling on generated travel requests (BiLSTM, two heads)."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader

random.seed(12)
torch.manual_seed(12)
CITY = "paris london rome oslo lima cairo delhi tokyo boston madrid prague dublin".split()
DAY = "monday tuesday wednesday thursday friday saturday sunday tomorrow today".split()
TEMPLATES = {
    "flight": ["i need a flight from {f} to {t} on {d}", "fly me to {t} {d}", "any plane from {f} to {t}", "book {d} from {f} going to {t} please"],
    "hotel": ["i need a hotel in {t} on {d}", "a cheap room in {t} {d} please", "is there a place to stay in {t}"],
    "weather": ["will it rain in {t} on {d}", "how warm is {t} {d}", "weather for {t} please"],
    "cancel": ["please cancel my trip to {t} on {d}", "i can not go to {t} {d}", "drop the booking from {f} to {t}"],
}
FILLER = "well hello so um thanks okay".split()
TAGS = ["O", "FROM", "TO", "DAY"]
INTENTS = list(TEMPLATES)

def sample():
    intent = random.choice(INTENTS)
    words, tags = [], []
    for piece in random.choice(TEMPLATES[intent]).split():
        if random.random() < 0.15:
            words.append(random.choice(FILLER)); tags.append(0)
        if piece in ("{f}", "{t}"):
            words.append(random.choice(CITY)); tags.append(1 if piece == "{f}" else 2)
        elif piece == "{d}":
            words.append(random.choice(DAY)); tags.append(3)
        else:
            words.append(piece); tags.append(0)
    return words, tags, INTENTS.index(intent)

seen, rows = set(), []
while len(rows) < 2600:
    r = sample()
    if " ".join(r[0]) not in seen:
        seen.add(" ".join(r[0])); rows.append(r)
train, test = rows[:2000], rows[2000:]
vocab = {"<pad>": 0, "<unk>": 1}
for w, _, _ in train:
    for x in w:
        vocab.setdefault(x, len(vocab))

def collate(b):
    x = pad_sequence([torch.tensor([vocab.get(w, 1) for w in ws]) for ws, _, _ in b], batch_first=True)
    t = pad_sequence([torch.tensor(ts) for _, ts, _ in b], batch_first=True, padding_value=-100)
    return {"ids": x, "len": torch.tensor([len(ws) for ws, _, _ in b]), "tags": t, "intent": torch.tensor([i for *_, i in b])}

class JointModel(nn.Module):
    def __init__(self, n, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.rnn = nn.LSTM(d, h, batch_first=True, bidirectional=True)
        self.tag_head, self.intent_head = nn.Linear(2 * h, len(TAGS)), nn.Linear(2 * h, len(INTENTS))
    def forward(self, batch):
        packed = pack_padded_sequence(self.emb(batch["ids"]), batch["len"], batch_first=True, enforce_sorted=False)
        out, (h, _) = self.rnn(packed)
        out, _ = pad_packed_sequence(out, batch_first=True)
        return self.tag_head(out), self.intent_head(torch.cat([h[0], h[1]], -1))

def evaluate(model, loader):
    model.eval()
    ok_tag = n_tag = ok_int = frames = n = 0
    with torch.no_grad():
        for b in loader:
            tags, intent = model(b)
            real = b["tags"] != -100
            hit = (tags.argmax(-1) == b["tags"]) | ~real
            slots = real & (b["tags"] > 0)
            ok_tag += (hit & slots).sum().item(); n_tag += slots.sum().item()
            good = intent.argmax(-1) == b["intent"]
            ok_int += good.sum().item(); frames += (good & hit.all(1)).sum().item(); n += len(good)
    return f"intent {ok_int / n:.3f} slot words {ok_tag / n_tag:.3f} whole frame {frames / n:.3f}"

model = JointModel(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
tags_ce, intent_ce = nn.CrossEntropyLoss(ignore_index=-100), nn.CrossEntropyLoss()
loader = DataLoader(train, 50, shuffle=True, collate_fn=collate)
for epoch in range(4):
    model.train()
    sums = [0.0, 0.0]
    for b in loader:
        tags, intent = model(b)
        l1, l2 = tags_ce(tags.transpose(1, 2), b["tags"]), intent_ce(intent, b["intent"])
        opt.zero_grad(); (l1 + 0.5 * l2).backward(); opt.step()
        sums[0] += l1.item(); sums[1] += l2.item()
    print(f"epoch {epoch} tag loss {sums[0] / len(loader):.4f} intent loss {sums[1] / len(loader):.4f} | test:", evaluate(model, DataLoader(test, 200, collate_fn=collate)))
