# Otel yorumları: olumlu mu, olumsuz mu?  (LSTM, yorumlar ve etiketler ayrı dosyalarda)
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import Dataset, DataLoader

r = random.Random(17)
torch.manual_seed(17)

KONU = "oda kahvaltı personel havuz konum yatak banyo manzara resepsiyon restoran plaj klima".split()
IYI = "temiz harika sessiz güzel lezzetli ferah mükemmel konforlu rahat hoş".split()
KOTU = "kirli berbat gürültülü soğuk tatsız dar bozuk pahalı yetersiz kötü".split()
DERECE = ["çok", "gerçekten", "oldukça", "biraz", ""]
BAG = ["ve", "ayrıca", "ama", ","]


def yorum():
    n = r.choice([1, 3, 3, 5])
    iyi = [r.random() < 0.5 for _ in range(n)]
    parca = []
    for k in iyi:
        parca += [r.choice(KONU), r.choice(DERECE), r.choice(IYI if k else KOTU), r.choice(BAG)]
    return " ".join(w for w in parca[:-1] if w), int(sum(iyi) * 2 > n)


# --- the export of the booking site: one comment per line, one label per line
with open("yorumlar.txt", "w", encoding="utf-8") as ft, open("etiketler.txt", "w", encoding="utf-8") as fl:
    for _ in range(2800):
        t, y = yorum()
        for _ in range(2 if r.random() < 0.02 else 1):      # guests press "send" twice
            ft.write(t + "\n")
            fl.write(f"{y}\n")

texts = open("yorumlar.txt", encoding="utf-8").read().splitlines()
labels = [int(s) for s in open("etiketler.txt", encoding="utf-8").read().split()]
# remove repeated comments
# fault:
texts = list(dict.fromkeys(texts))
rows = list(zip(texts, labels))
# mended:
# rows = list(dict(zip(texts, labels)).items())
# end
r.shuffle(rows)
train_rows, dev_rows = rows[:2000], rows[2000:]
print(len(train_rows), "train", len(dev_rows), "dev")

vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train_rows:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


class Yorumlar(Dataset):
    def __init__(self, rows):
        self.items = [(torch.tensor([vocab.get(w, 1) for w in t.split()]), y) for t, y in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(items):
    xs, ys = zip(*items)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x, n):
        _, (h, _) = self.lstm(pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))
        return self.fc(h[-1])


train_dl = DataLoader(Yorumlar(train_rows), batch_size=32, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(Yorumlar(dev_rows), batch_size=128, collate_fn=collate)
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    s = 0.0
    for x, n, y in train_dl:
        loss = ce(model(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    model.eval()
    ok = tot = 0
    with torch.no_grad():
        for x, n, y in dev_dl:
            ok += (model(x, n).argmax(1) == y).sum().item()
            tot += len(y)
    print(f"epoch {epoch + 1} loss {s / len(train_dl):.4f} dev acc {ok / tot:.4f}")
