"""German support hotline notes -> department.  torch Dataset, collate, train / test files as they come from the CRM."""
import csv
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(12)
torch.manual_seed(12)
DEPT = {"Technik": "router stoerung ausfall internet langsam wlan modem leitung verbindung abbruch techniker",
        "Vertrag": "kuendigung laufzeit verlaengerung tarif wechsel frist unterschrift bedingungen vertragsende",
        "Rechnung": "betrag abbuchung mahnung gutschrift lastschrift rechnung doppelt rueckzahlung konto",
        "Lieferung": "paket zustellung sendung versand verspaetet lieferadresse bote abholung karton"}
COMMON = ("kunde ruft an und bittet um rueckruf wegen seit gestern heute nicht mehr sehr veraergert freundlich hat schon zweimal "
          "angerufen wartet dringend laut eigener aussage keine antwort erhalten meldet sich erneut").split()


def note(d):
    w = random.choices(COMMON, k=random.randint(5, 12)) + random.choices(DEPT[d].split(), k=random.randint(1, 2))
    if random.random() < 0.15:
        w.append(random.choice(DEPT[random.choice(list(DEPT))].split()))
    random.shuffle(w)
    return " ".join(w)


for name, n in (("train.csv", 1700), ("test.csv", 500)):
    with open(name, "w", newline="") as f:
        wr = csv.writer(f, delimiter=";")
        wr.writerow(["abteilung", "notiz"])
        for _ in range(n):
            d = random.choice(list(DEPT))
            wr.writerow([d, note(d)])


class Notes(Dataset):
    def __init__(self, path, vocab=None):
        with open(path, newline="") as f:
            rows = list(csv.DictReader(f, delimiter=";"))
        self.texts = [r["notiz"].split() for r in rows]
        self.labels = [list(DEPT).index(r["abteilung"]) for r in rows]
        if vocab is None:
            vocab = {w: i + 2 for i, (w, _) in enumerate(Counter(t for x in self.texts for t in x).most_common())}
        self.vocab = vocab

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, i):
        return torch.tensor([self.vocab.get(t, 1) for t in self.texts[i]]), self.labels[i]


def collate(items):
    xs, ys = zip(*items)
    return {"input": nn.utils.rnn.pad_sequence(xs, batch_first=True), "len": torch.tensor([len(x) for x in xs]), "label": torch.tensor(ys)}


train_set = Notes("train.csv")
# fault:
test_set = Notes("test.csv")
# mended:
# test_set = Notes("test.csv", train_set.vocab)
# end
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_set, batch_size=100, collate_fn=collate)


class NoteLSTM(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.embedding = nn.Embedding(size, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 32, batch_first=True)
        self.linear = nn.Linear(32, len(DEPT))

    def forward(self, batch):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(batch["input"]), batch["len"], batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.linear(h[-1])


model = NoteLSTM(max(len(train_set.vocab), len(test_set.vocab)) + 2)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    ok = n = 0
    for batch in train_loader:
        out = model(batch)
        loss = criterion(out, batch["label"])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        ok += (out.argmax(1) == batch["label"]).sum().item()
        n += len(batch["label"])
    model.eval()
    with torch.no_grad():
        hit = sum((model(b).argmax(1) == b["label"]).sum().item() for b in test_loader)
    print(f"Epoche {epoch + 1}: Training {ok / n:.3f}  Test {hit / len(test_set):.3f}")
