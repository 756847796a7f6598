import random
import torch
from torch import nn, optim
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import Dataset, DataLoader

random.seed(19); torch.manual_seed(19)

# made-up commands for a timetable bot; the same city can be a start or a goal, depending on what stands before it
CITIES = "london paris rome vienna berlin oslo madrid dublin prague lisbon warsaw athens".split()
SECOND = "north south central airport".split()
DAYS = "monday tuesday friday sunday tomorrow tonight".split()
TAGS = ["O", "B-FROM", "I-FROM", "B-TO", "I-TO", "B-DAY"]

def city(tag):
    c = [(random.choice(CITIES), "B-" + tag)]
    if random.random() < .35: c.append((random.choice(SECOND), "I-" + tag))
    return c

def O(text): return [(w, "O") for w in text.split()]

def command():
    parts = [O(random.choice(["from", "leaving", "starting in", "out of"])) + city("FROM"),
             O(random.choice(["to", "towards", "going to", "with destination"])) + city("TO")]
    if random.random() < .6: parts.append(O(random.choice(["on", "for", "by"])) + [(random.choice(DAYS), "B-DAY")])
    random.shuffle(parts)
    s = O(random.choice(["i need a train", "show me buses", "please book a seat", "any flight", "the next one"]))
    for p in parts: s += p
    if random.random() < .3: s += O(random.choice(["please", "thanks", "if possible"]))
    # people mistype: a word now and then is something that nobody knows
    return [("x%d" % random.randrange(500) if random.random() < .03 and t == "O" else w, t) for w, t in s]

sents = list({tuple(command()) for _ in range(1900)})
random.shuffle(sents)
trn, dev = sents[:1250], sents[1250:1550]
w2i = {"<unk>": 0}
for s in trn:
    for w, _ in s:
        if not w[1:].isdigit(): w2i.setdefault(w, len(w2i))
t2i = {t: i for i, t in enumerate(TAGS)}

class Commands(Dataset):
    def __init__(self, s): self.s = s
    def __len__(self): return len(self.s)
    def __getitem__(self, i):
        return torch.tensor([w2i.get(w, 0) for w, _ in self.s[i]]), torch.tensor([t2i[t] for _, t in self.s[i]])

def collate(items):
    items.sort(key=lambda it: -len(it[0]))
    return pack_sequence([x for x, _ in items]), pad_sequence([y for _, y in items], padding_value=-100)

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), 16)
        self.lstm = nn.LSTM(16, 24, bidirectional=True)
        self.fc = nn.Linear(48, len(TAGS))
    def forward(self, packed):
        e = torch.nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes)
        out, _ = pad_packed_sequence(self.lstm(e)[0])      # time first
        return self.fc(out)

def spans(tags):
    res, i = set(), 0
    while i < len(tags):
        if TAGS[tags[i]].startswith("B"):
            j = i + 1
            while j < len(tags) and TAGS[tags[j]] == "I" + TAGS[tags[i]][1:]: j += 1
            res.add((i, j, tags[i])); i = j
        else: i += 1
    return res

def f1(model, data):
    tp = fp = fn = 0
    with torch.no_grad():
        for packed, y in DataLoader(data, 100, collate_fn=collate):
            pred = model(packed).argmax(-1)
            for k in range(y.size(1)):
                n = (y[:, k] != -100).sum()
                p, g = spans(pred[:n, k].tolist()), spans(y[:n, k].tolist())
                tp += len(p & g); fp += len(p - g); fn += len(g - p)
    return 2 * tp / max(1, 2 * tp + fp + fn)

model = Tagger()
opt = optim.SGD(model.parameters(), lr=.5, momentum=.9)
sched = optim.lr_scheduler.StepLR(opt, 2, .3)
lossf = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=.05)
for ep in range(5):
    tot = 0
    for packed, y in DataLoader(Commands(trn), 25, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        loss = lossf(model(packed).flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); tot += loss.item()
    sched.step()
    print("ep %d loss %.3f span-F1 dev %.3f" % (ep, tot / 50, f1(model, Commands(dev))))
print("train %.3f dev %.3f" % (f1(model, Commands(trn)), f1(model, Commands(dev))))
