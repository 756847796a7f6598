# Kundenstimmen aus dem TSV-Export: zufrieden oder nicht?
import csv
import random
import torch
import torch.nn as nn
from collections import Counter

random.seed(21)
torch.manual_seed(21)

GUT = "prima toll freundlich schnell günstig zuverlässig lecker sauber hilfsbereit pünktlich super empfehlenswert wunderbar ordentlich fair".split()
SCHLECHT = "schlecht unfreundlich langsam teuer kaputt kalt schmutzig verspätet enttäuschend mangelhaft furchtbar frech defekt ärgerlich peinlich".split()
DING = "lieferung bedienung ware zimmer kellner verkäufer hotline paket suppe werkstatt termin monteur rechnung frisör kurs fahrer".split()
FUELL = "die der das war ist wirklich leider auch sehr ziemlich wieder heute gestern bei uns im laden immer noch nur".split()


def satz(y):
    good, bad = (GUT, SCHLECHT) if y else (SCHLECHT, GUT)
    toks = random.choices(FUELL, k=random.randint(4, 8)) + random.sample(DING, 2) + random.sample(good, random.choice([1, 2, 2]))
    if random.random() < 0.15:
        toks.append(random.choice(bad))
    random.shuffle(toks)
    text = " ".join(toks)
    r = random.random()
    if r < 0.2:
        text = '"' + text                      # Anfang eines längeren Zitats
    elif r < 0.25:
        k = random.randrange(1, len(toks))
        text = " ".join(toks[:k]) + ' "' + " ".join(toks[k:])
    return text


def export(path, n):
    with open(path, "w", encoding="utf-8") as f:
        f.write("nr\ttext\tzufrieden\n")
        for i in range(n):
            y = random.random() < 0.5
            f.write(f"{i}\t{satz(y)}\t{int(y)}\n")


export("train.tsv", 3000)
export("dev.tsv", 700)


def lies(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        # reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        next(reader)
        for row in reader:
            if len(row) == 3:
                rows.append((row[1].replace('"', " ").lower().split()[:60], int(row[2])))
    return rows


train, dev = lies("train.tsv"), lies("dev.tsv")
print("Zeilen:", len(train), len(dev), " mittlere Länge:", round(sum(len(t) for t, _ in train) / len(train), 1))

zahl = Counter(w for t, _ in train for w in t)
ids = {w: i + 2 for i, (w, _) in enumerate(zahl.most_common())}


class Netz(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 16, padding_idx=0)
        self.aus = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x, lang):
        return self.aus(self.emb(x).sum(1) / lang.unsqueeze(1))


def stapel(rows):
    lang = torch.tensor([len(t) for t, _ in rows])
    x = torch.zeros(len(rows), int(lang.max()), dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([ids.get(w, 1) for w in t])
    return x, lang, torch.tensor([y for _, y in rows])


netz = Netz(len(ids) + 2)
opt = torch.optim.Adam(netz.parameters(), lr=5e-3)
for epoche in range(7):
    random.shuffle(train)
    summe, schritte = 0.0, 0
    for i in range(0, len(train), 32):
        x, lang, y = stapel(train[i:i + 32])
        opt.zero_grad()
        verlust = nn.functional.cross_entropy(netz(x, lang), y)
        verlust.backward()
        opt.step()
        summe, schritte = summe + verlust.item(), schritte + 1
    with torch.no_grad():
        x, lang, y = stapel(dev)
        treffer = (netz(x, lang).argmax(1) == y).float().mean().item()
    print(f"Epoche {epoche}: Verlust {summe / schritte:.3f}, dev {treffer:.3f}")
