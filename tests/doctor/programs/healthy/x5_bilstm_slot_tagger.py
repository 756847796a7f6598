# BiLSTM tagger (from the "sequence tagging" tutorial) for travel requests: O, FROM, TO, DATE. Padding targets are -100.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(17); torch.manual_seed(17)
CITY = "paris london rome oslo vienna madrid lisbon dublin athens prague warsaw berlin".split()
DAY = "monday tuesday wednesday thursday friday tomorrow tonight".split()
OPEN = ["i need a flight", "book me a train", "show all trips", "cheapest seat please", "what is the fare", "is there a bus"]
TAG = {"O": 0, "FROM": 1, "TO": 2, "DATE": 3}


def example():
    toks = [(w, "O") for w in random.choice(OPEN).split()]
    a, b = random.sample(CITY, 2)
    parts = [[("from", "O"), (a, "FROM")], [(random.choice(["to", "towards"]), "O"), (b, "TO")], [("on", "O"), (random.choice(DAY), "DATE")]]
    random.shuffle(parts)
    for p in parts[:random.randint(1, 3)]:
        toks += p
    if random.random() < 0.3:
        toks += [("not", "O"), ("via", "O"), (random.choice(CITY), "O")]
    return tuple(toks)


bank = set()
while len(bank) < 1800:
    bank.add(example())
bank = sorted(bank)
random.shuffle(bank)
train, test = bank[:1400], bank[1400:]
vocab = {"<pad>": 0}
for s in train:
    for w, _ in s:
        vocab.setdefault(w, len(vocab))


def encode(batch):
    x = pad_sequence([torch.tensor([vocab[w] for w, _ in s]) for s in batch], batch_first=True)
    y = pad_sequence([torch.tensor([TAG[t] for _, t in s]) for s in batch], batch_first=True, padding_value=-100)
    return x, y, torch.tensor([len(s) for s in batch])


class Tagger(nn.Module):
    def __init__(self, n, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.lstm = nn.LSTM(d, h, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * h, len(TAG))

    def forward(self, x, lengths):
        o, _ = self.lstm(pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False))
        return self.out(pad_packed_sequence(o, batch_first=True)[0])


model = Tagger(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=-100)


def slot_f1(rows):
    model.eval()
    with torch.no_grad():
        x, y, lengths = encode(rows)
        p = model(x, lengths).argmax(-1)
    p = p.masked_fill(y == -100, 0)
    tp = ((p == y) & (y > 0)).sum().item()
    return 2 * tp / max((p > 0).sum().item() + (y > 0).sum().item(), 1)


for epoch in range(1, 6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 35):
        x, y, lengths = encode(train[i:i + 35])
        model.zero_grad()
        loss = loss_fn(model(x, lengths).transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("epoch", epoch, "loss %.4f" % (total / 40), "slot F1 train %.3f" % slot_f1(train), "test %.3f" % slot_f1(test))
