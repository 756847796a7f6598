"""Tag every token of a German postal address: street, number, zip, city, name, other.  BiLSTM, time-major batches."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(19)
torch.manual_seed(19)
TAGS = ["STREET", "NUM", "ZIP", "CITY", "NAME", "O"]
T = {t: i for i, t in enumerate(TAGS)}
STEM = ["Linden", "Goethe", "Schiller", "Birken", "Markt", "Bahnhof", "Wald", "Garten", "Kirch", "Ring", "Mozart", "Eichen"]
CITY = ["Ulm", "Bonn", "Kiel", "Jena", "Köln", "Trier", "Gera", "Hagen", "Neuss", "Celle"]
NAME = ["Anna", "Jörg", "Meyer", "Schulz", "Petra", "Kaya", "Weber", "Demir", "Lena", "Wald", "Kirch"]


def address():
    out = []
    if random.random() < 0.7:
        out += [("Herr" if random.random() < .5 else "Frau", "O")] * random.randint(0, 1)
        out += [(random.choice(NAME), "NAME") for _ in range(random.randint(1, 2))]
    if random.random() < 0.3:
        out += [("Am", "STREET"), (random.choice(["Markt", "Ring", "Wald"]), "STREET")]
    else:
        out += [(random.choice(STEM) + random.choice(["straße", "weg", "gasse", "platz"]), "STREET")]
        if random.random() < 0.3:
            out[-1:] = [(random.choice(STEM), "STREET"), (random.choice(["Str.", "Weg", "Platz"]), "STREET")]
    out += [(str(random.randint(1, 160)), "NUM")]
    if random.random() < 0.2:
        out += [("c/o", "O"), (random.choice(NAME), "NAME")]
    out += [(f"{random.randint(10000, 99999)}", "ZIP"), (random.choice(CITY), "CITY")]
    return out


def shape(w):
    return "#" * len(w) if w.isdigit() else w


data = [address() for _ in range(2600)]
vocab = {"<pad>": 0, "<unk>": 1}
for row in data[:2100]:
    for w, _ in row:
        vocab.setdefault(shape(w), len(vocab))

# fault:
PAD_TAG = 0
# mended:
# PAD_TAG = -100
# end


def collate(rows):
    x = pad_sequence([torch.tensor([vocab.get(shape(w), 1) for w, _ in r]) for r in rows])
    y = pad_sequence([torch.tensor([T[t] for _, t in r]) for r in rows], padding_value=PAD_TAG)
    return x, y, torch.tensor([len(r) for r in rows])


class Parser(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 32, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, len(TAGS))

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.drop(self.emb(x)), n, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0])
        return self.out(self.drop(h))


net = Parser()
criterion = nn.CrossEntropyLoss(ignore_index=PAD_TAG)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
train, dev = data[:2100], data[2100:]
for epoch in range(8):
    net.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 30):
        x, y, n = collate(train[i:i + 30])
        loss = criterion(net(x, n).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    net.eval()
    hit, cnt, full = torch.zeros(len(TAGS)), torch.zeros(len(TAGS)), 0
    with torch.no_grad():
        x, y, n = collate(dev)
        pred = net(x, n).argmax(-1)
    for k, row in enumerate(dev):
        ok = True
        for t, (_, tag) in enumerate(row):
            good = pred[t, k].item() == T[tag]
            hit[T[tag]] += good
            cnt[T[tag]] += 1
            ok &= good
        full += ok
    print(f"epoch {epoch} loss {run / 70:.3f} token acc {(hit.sum() / cnt.sum()).item():.3f} whole address {full / len(dev):.3f}",
          {t: round(v, 2) for t, v in zip(TAGS, (hit / cnt).tolist())} if epoch == 7 else "")
