# Label the parts of a postal address: street, number, city, zip, other.
# Addresses are generated, the lower-cased words are fed to a small bidirectional GRU.
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader

random.seed(0); torch.manual_seed(0)

TAGS = ["O", "NUM", "STREET", "CITY", "ZIP"]
T2I = {t: i for i, t in enumerate(TAGS)}
names = "oak maple church lincoln king park river station victoria mill high green west north jackson cedar hill".split()
kinds = "street road avenue lane drive st rd".split()
cities = "boston lincoln jackson springfield austin salem dover newport king city,green bay,park hill,high point".split(",")
cities = cities[0].split() + cities[1:]


def make():
    w, t = [], []
    def put(text, tag):
        for x in text.split():
            w.append(x); t.append(T2I[tag])
    if random.random() < .3: put(random.choice(["please ship to", "attn office", "deliver to", "new address :"]), "O")
    if random.random() < .2: put("flat", "O"); put(str(random.randint(1, 60)), "O")
    num, street = str(random.randint(1, 400)), " ".join(random.sample(names, random.choice([1, 1, 2])) + [random.choice(kinds)])
    if random.random() < .75:
        put(num, "NUM"); put(street, "STREET")
    else:
        put(street, "STREET"); put(num, "NUM")
    if random.random() < .5: put(",", "O")
    zipc = str(random.randint(10000, 99999))
    if random.random() < .5:
        put(random.choice(cities), "CITY"); put(zipc, "ZIP")
    else:
        put(zipc, "ZIP"); put(random.choice(cities), "CITY")
    if random.random() < .2: put(random.choice(["usa", "thank you", "asap"]), "O")
    return w, t


def shape(tok):           # digits only matter by their number
    return "<%dd>" % len(tok) if tok.isdigit() else tok


def unique(n):
    seen, rows = set(), []
    while len(rows) < n:
        w, t = make()
        if tuple(w) not in seen:
            seen.add(tuple(w)); rows.append((w, t))
    return rows


rows = unique(2400)
train, dev = rows[:1900], rows[1900:]
vocab = {"<pad>": 0, "<unk>": 1}
for w, _ in train:
    for x in w: vocab.setdefault(shape(x), len(vocab))


def collate(batch):
    xs = [torch.tensor([vocab.get(shape(x), 1) for x in w]) for w, _ in batch]
    ys = [torch.tensor(t) for _, t in batch]
    return {"tokens": pad_sequence(xs, batch_first=True), "lengths": torch.tensor([len(x) for x in xs]),
            "tags": pad_sequence(ys, batch_first=True, padding_value=-100)}


class Tagger(nn.Module):
    def __init__(self, v, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, bidirectional=True, batch_first=True)
        self.top = nn.Linear(2 * h, len(TAGS))
    def forward(self, b):
        p = pack_padded_sequence(self.emb(b["tokens"]), b["lengths"], batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(p)[0], batch_first=True)
        return self.top(h)


model = Tagger(len(vocab))
optim = torch.optim.Adam(model.parameters(), lr=6e-3)
crit = nn.CrossEntropyLoss(ignore_index=-100)
dl_train = DataLoader(train, 48, shuffle=True, collate_fn=collate)
dl_dev = DataLoader(dev, 200, collate_fn=collate)

for ep in range(6):
    model.train(); s = 0
    for b in dl_train:
        optim.zero_grad()
        loss = crit(model(b).transpose(1, 2), b["tags"])
        loss.backward(); optim.step(); s += loss.item()
    model.eval(); ok = n = whole = 0
    with torch.no_grad():
        for b in dl_dev:
            hit = (model(b).argmax(-1) == b["tags"]); m = b["tags"] != -100
            ok += (hit & m).sum().item(); n += m.sum().item(); whole += (hit | ~m).all(1).sum().item()
    print(f"ep {ep}  loss {s/len(dl_train):.4f}  dev token acc {ok/n:.4f}  whole address {whole/len(dev):.3f}")
