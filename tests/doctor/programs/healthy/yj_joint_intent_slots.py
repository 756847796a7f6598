"""
NLU module for a voice assistant: intent + slots in one network (joint loss), made-up utterances.
Course project, part 3.  B-/I-/O tags, padded tags are -100 and therefore ignored by the loss.
"""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(42); torch.manual_seed(42)

CONS, VOW = "bcdfghklmnprstvz", "aeiou"
def fake(n): return "".join(random.choice(CONS) + random.choice(VOW) for _ in range(n))
cities = [fake(3) for _ in range(120)]
persons = [fake(2) for _ in range(120)]
songs = [fake(2) for _ in range(60)]
days = "today tomorrow monday tuesday wednesday thursday friday saturday sunday".split()
nums = "two three four five six seven eight nine ten eleven".split()

def city(): return [(random.choice(["new", "old", "upper"]), "B-city"), (random.choice(cities), "I-city")] if random.random() < .3 else [(random.choice(cities), "B-city")]
def person(): return [(random.choice(persons), "B-per")] + ([(random.choice(persons), "I-per")] if random.random() < .4 else [])
def song(): return [(w, "B-song" if i == 0 else "I-song") for i, w in enumerate(random.choices(songs, k=random.randint(1, 3)))]
def day(): return [(random.choice(days), "B-date")] if random.random() < .7 else [("in", "B-date"), (random.choice(nums), "I-date"), ("days", "I-date")]
def o(*alts): return [(w, "O") for w in random.choice(alts).split()]

def utterance():
    intent = random.choice(["weather", "flight", "message", "play", "alarm"])
    start = o("", "please", "hey", "could you", "i want you to", "um")
    if intent == "weather":
        body = o("what is the weather in", "will it rain in", "forecast for") + city() + day()
    elif intent == "flight":
        body = o("book a flight from", "find me a plane from", "i need to fly from") + city() + o("to") + city() + day()
    elif intent == "message":
        body = o("tell", "text", "send a message to") + person() + o("that i am late", "that i will call", "to come home", "i am in") + (city() if random.random() < .3 else day())
    elif intent == "play":
        body = o("play", "put on", "i would like to hear") + song() + o("by", "of") + person()
    else:
        body = o("set an alarm for", "wake me up at", "remind me at") + [(random.choice(nums), "B-time")] + o("", "sharp", "o clock") + day()
    return intent, start + body + o("", "please", "thanks", "now")

data, seen = [], set()
while len(data) < 1800:
    it, toks = utterance()
    key = " ".join(w for w, _ in toks)
    if key not in seen:
        seen.add(key); data.append((it, toks))
train, test = data[:1496], data[1496:]

w2i = {"<pad>": 0, "<unk>": 1}
for _, toks in train:
    for w, _ in toks: w2i.setdefault(w, len(w2i))
t2i = {t: i for i, t in enumerate(sorted({t for _, toks in data for _, t in toks}))}
i2i = {t: i for i, t in enumerate(sorted({it for it, _ in data}))}

def numericalize(part):
    return [(torch.tensor([w2i.get(w, 1) for w, _ in toks]), torch.tensor([t2i[t] for _, t in toks]), i2i[it]) for it, toks in part]

def collate(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    lens = torch.tensor([len(r[0]) for r in rows])
    return (pad_sequence([r[0] for r in rows], batch_first=True), lens,
            pad_sequence([r[1] for r in rows], batch_first=True, padding_value=-100), torch.tensor([r[2] for r in rows]))

class JointNLU(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(w2i), 24, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.rnn = nn.GRU(24, 24, batch_first=True, bidirectional=True)
        self.tagger = nn.Linear(48, len(t2i))
        self.intent = nn.Linear(48, len(i2i))
    def forward(self, ids, lens):
        if self.training:   # word dropout so that <unk> gets trained
            ids = torch.where((torch.rand(ids.shape) < 0.05) & (ids > 0), torch.ones_like(ids), ids)
        packed = pack_padded_sequence(self.drop(self.embed(ids)), lens, batch_first=True)
        out, h = self.rnn(packed)
        out, _ = pad_packed_sequence(out, batch_first=True)
        return self.tagger(self.drop(out)), self.intent(torch.cat([h[0], h[1]], 1))

net = JointNLU()
optim = torch.optim.Adam(net.parameters(), lr=1.2e-2)
plan = torch.optim.lr_scheduler.MultiStepLR(optim, [4], gamma=0.3)
tag_loss, int_loss = nn.CrossEntropyLoss(ignore_index=-100), nn.CrossEntropyLoss()
tr, te = numericalize(train), numericalize(test)
ACCUM = 2      # the GPU at home is small

def score(part):
    net.eval()
    with torch.no_grad():
        ids, lens, tags, its = collate(part)
        a, b = net(ids, lens)
        m = tags != -100
        ok = (a.argmax(-1) == tags)
        return ok[m].float().mean().item(), (ok | ~m).all(1).float().mean().item(), (b.argmax(1) == its).float().mean().item()

for epoch in range(1, 6):
    net.train(); random.shuffle(tr); total = 0
    chunks = [tr[i:i + 22] for i in range(0, len(tr), 22)]
    for step, chunk in enumerate(chunks, 1):
        ids, lens, tags, its = collate(chunk)
        a, b = net(ids, lens)
        loss = tag_loss(a.flatten(0, 1), tags.flatten()) + 0.5 * int_loss(b, its)
        (loss / ACCUM).backward()
        total += loss.item()
        if step % ACCUM == 0:
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optim.step(); optim.zero_grad()
    plan.step()
    print("epoch %d  loss %.3f  token acc %.3f  whole sentence %.3f  intent %.3f" % ((epoch, total / len(chunks)) + score(te)))
print("train: token acc %.3f  whole sentence %.3f  intent %.3f" % score(tr))
