"""Tag the parts of a postal address (BiLSTM over words, plus simple shape features)."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(42)
torch.manual_seed(42)
FIRST = "Anna Peter Mehmet Ayşe John Maria Luis Sofie Ivan Karin Paul Nora".split()
LAST = "Schmidt Yılmaz Miller Rossi Novak Larsen Weber Kaya Brown Silva Berg Stein".split()
STREET = "Linden Bahnhof Haupt Garten Mühlen Schul Berg Wald Kirch Rosen Park See".split()
CITY = "Berlin Köln Wien Bern Graz Ulm Bonn Basel Linz Kiel Stein Berg".split()
TAGS = ["NAME", "STREET", "NUM", "ZIP", "CITY", "O"]


def address():
    toks, tags = [], []

    def add(words, tag):
        toks.extend(words); tags.extend([tag] * len(words))
    if random.random() < 0.3:
        add(["z.Hd."], "O")
    add([random.choice(FIRST), random.choice(LAST)], "NAME")
    street = random.choice(STREET) + random.choice(["straße", "weg", "gasse", ""])
    add([street], "STREET")
    add([str(random.randint(1, 199))], "NUM")
    if random.random() < 0.3:
        add([","], "O")
    add([str(random.randint(1000, 99999))], "ZIP")
    add([random.choice(CITY)], "CITY")
    if random.random() < 0.25:
        add(["Postfach"], "O")
    return toks, tags


seen, rows = set(), []
while len(rows) < 900:
    t, g = address()
    if tuple(t) not in seen:
        seen.add(tuple(t))
        rows.append((t, g))
train, dev = rows[:700], rows[700:]


def norm(w):
    return "0" * len(w) if w.isdigit() else w


vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train:
    for w in t:
        vocab.setdefault(norm(w), len(vocab))


def collate(batch):
    xs = [torch.tensor([vocab.get(norm(w), 1) for w in t]) for t, _ in batch]
    ys = [torch.tensor([TAGS.index(g) for g in gs]) for _, gs in batch]
    lens = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), lens, pad_sequence(ys, batch_first=True, padding_value=-100)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.rnn = nn.LSTM(24, 24, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.25)
        self.fc = nn.Linear(48, len(TAGS))

    def forward(self, x, lens):
        if self.training:                     # word dropout, so that <unk> gets a useful vector
            x = torch.where((torch.rand(x.shape) < 0.05) & (x > 1), torch.ones_like(x), x)
        p = pack_padded_sequence(self.drop(self.emb(x)), lens, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(p)[0], batch_first=True)
        return self.fc(self.drop(h))


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss()                    # -100 is skipped
dl = torch.utils.data.DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)


def evaluate(rows):
    model.eval()
    x, lens, y = collate(rows)
    with torch.no_grad():
        p = model(x, lens).argmax(-1)
    m = y != -100
    token = (p == y)[m].float().mean().item()
    whole = ((p == y) | ~m).all(1).float().mean().item()
    return token, whole


for ep in range(7):
    model.train()
    for x, lens, y in dl:
        opt.zero_grad()
        loss = ce(model(x, lens).flatten(0, 1), y.flatten())
        loss.backward()
        opt.step()
    (a, b), (c, d) = evaluate(train), evaluate(dev)
    print(f"epoch {ep + 1} loss {loss.item():.4f} | train token {a:.3f} address {b:.3f} | dev token {c:.3f} address {d:.3f}")
