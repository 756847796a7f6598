# Char-LSTM that names the language of a 20-letter window (English, German, Spanish, French), STS-B translations.
import csv, gzip, io, os, random, unicodedata
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

random.seed(21)
torch.manual_seed(21)
root = os.environ["WORDFIT_DATA"] + "/glue"
WINDOW = 20
letters = " abcdefghijklmnopqrstuvwxyz"


def plain(s):
    s = unicodedata.normalize("NFD", s.lower())            # accents off, that would be too easy
    s = "".join(c if c in letters else ("" if unicodedata.combining(c) else " ") for c in s)
    return " ".join(s.split())


def first_column(lang, split):
    if lang == "en":
        with open(f"{root}/STS-B/{split}.tsv", encoding="utf-8") as f:
            next(f)
            return [l.split("\t")[7] for l in f if l.count("\t") >= 8]
    with gzip.open(f"{root}/STS-B-multilingual/stsb-{lang}-{split}.csv.gz", "rb") as f:
        return [r[0] for r in csv.reader(io.StringIO(f.read().decode("utf-8")))]


def windows(split, per_lang):
    rows = set()
    for y, lang in enumerate(["en", "de", "es", "fr"]):
        mine = set()
        sents = first_column(lang, split)
        random.shuffle(sents)
        for s in sents:
            s = plain(s)
            if len(s) >= WINDOW:
                a = random.randint(0, len(s) - WINDOW)
                mine.add((s[a:a + WINDOW], y))
            if len(mine) == per_lang:
                break
        rows |= mine
    return rows


train = windows("train", 800)
dev = windows("dev", 200) - train


def dataset(rows):
    rows = sorted(rows)
    x = torch.tensor([[letters.index(c) for c in t] for t, _ in rows])
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


class CharLSTM(nn.Module):
    def __init__(self, n_chars, n_lang, emb=16, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(n_chars, emb)
        # fault:
        self.lstm = nn.LSTM(emb, hidden)
        # mended:
        # self.lstm = nn.LSTM(emb, hidden, batch_first=True)
        # end
        self.fc = nn.Linear(hidden, n_lang)

    def forward(self, x):                                   # x: batch of windows, (batch, WINDOW)
        states, _ = self.lstm(self.emb(x))
        return self.fc(states[:, -1])


tr = DataLoader(dataset(train), batch_size=64, shuffle=True)
dv = DataLoader(dataset(dev), batch_size=200, shuffle=True)
model = CharLSTM(len(letters), 4)
EPOCHS = 6
opt = torch.optim.Adam(model.parameters(), lr=1.2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * len(tr))
lossf = nn.CrossEntropyLoss()


def score(loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            hit += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return hit / n


for epoch in range(EPOCHS):
    model.train()
    running = 0.0
    for x, y in tr:
        opt.zero_grad()
        loss = lossf(model(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        running += loss.item()
    print("epoch {:d}  loss {:.3f}  train {:.3f}  dev {:.3f}".format(epoch + 1, running / len(tr), score(tr), score(dv)))
