# Preisschätzung für Kleinanzeigen: Text -> log(Preis).  Feste Wortvektoren, EmbeddingBag, kleines Netz.
import random
import re
import numpy as np
import torch
from torch import nn

random.seed(17)
np.random.seed(17)
torch.manual_seed(17)

# Ware: ungefährer Neupreis in Euro
WAREN = dict(Fahrrad=450, Sofa=700, Tisch=220, Stuhl=60, Lampe=45, Kühlschrank=520, Waschmaschine=480, Roller=900, Motorrad=4200, Kinderwagen=320,
             Gitarre=350, Klavier=2800, Buch=12, Jacke=80, Schuhe=70, Kleid=65, Fernseher=600, Kamera=550, Objektiv=400, Handy=500, Laptop=850,
             Drucker=130, Teppich=180, Spiegel=75, Schrank=480, Bett=520, Matratze=300, Vase=25, Puppe=20, Puzzle=9, Rasenmäher=260, Bohrmaschine=110,
             Hammer=15, Leiter=85, Zelt=190, Schlafsack=70, Rucksack=75, Koffer=95, Uhr=240, Ring=380, Kette=140, Mixer=60, Toaster=30, Herd=430,
             Backofen=390, Grill=210, Pfanne=28, Messer=35, Wohnwagen=7800, Anhänger=1100, Boot=5200, Kajak=640, Surfbrett=520, Ski=280, Schlitten=40,
             Trompete=560, Geige=900, Verstärker=330, Mischpult=270, Plattenspieler=230)
ZUSTAND = dict(neu=0.95, neuwertig=0.85, gepflegt=0.65, gebraucht=0.5, alt=0.35, zerkratzt=0.3, defekt=0.12, original=0.8, selten=1.3, günstig=0.55)
FUELL = "verkaufe mein schönes wegen umzug nur abholung in berlin hamburg raucherfreier haushalt tierfrei keine garantie und mit ohne für an bei zu sehr fast".split()
DIM = 16

axis = np.random.randn(DIM)
axis /= np.linalg.norm(axis)
with open("vec.de.txt", "w", encoding="utf-8") as f:
    for w in list(WAREN) + list(ZUSTAND) + FUELL:
        v = 0.35 * np.random.randn(DIM)
        if w in WAREN:
            v += axis * (np.log(WAREN[w]) - 5) * 0.8 + 0.8
        elif w in ZUSTAND:
            v += axis * np.log(ZUSTAND[w]) * 0.8 - 0.8
        f.write(w.lower() + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def anzeige(waren):
    w, z = random.choice(waren), random.choice(list(ZUSTAND))
    t = random.choices(FUELL, k=random.randint(3, 8)) + [z, w]
    random.shuffle(t)
    t[0] = t[0][0].upper() + t[0][1:]
    return " ".join(t) + ".", float(np.log(WAREN[w] * ZUSTAND[z]) + 0.15 * np.random.randn())


def tokens(text):
    # fault:
    return re.findall(r"\w+", text)
    # mended:
    # return re.findall(r"\w+", text.lower())
    # end


namen = list(WAREN)
random.shuffle(namen)
train = [anzeige(namen[:45]) for _ in range(3000)]
test = [anzeige(namen) for _ in range(600)]

vocab, rows = {"<unk>": 0}, [np.zeros(DIM)]
with open("vec.de.txt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        vocab[w] = len(rows)
        rows.append(np.array(v, dtype=float))
table = torch.tensor(np.array(rows), dtype=torch.float32)


def bag(texts):
    ids = [[vocab.get(t, 0) for t in tokens(s)] for s in texts]
    return torch.tensor(sum(ids, [])), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)


class Preis(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="sum")
        self.net = nn.Sequential(nn.Linear(DIM, 32), nn.Tanh(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, ids, offsets):
        return self.net(self.bag(ids, offsets)).squeeze(1)


y_tr, y_te = (torch.tensor([p for _, p in part]) for part in (train, test))
mu, sd = y_tr.mean(), y_tr.std()
model = Preis()
opt = torch.optim.Adam(model.net.parameters(), lr=5e-3)
te = bag([s for s, _ in test])
for epoch in range(14):
    model.train()
    summe = 0.0
    for idx in torch.randperm(len(train)).split(50):
        pred = model(*bag([train[i][0] for i in idx.tolist()]))
        loss = nn.functional.smooth_l1_loss(pred, (y_tr[idx] - mu) / sd)
        opt.zero_grad()
        loss.backward()
        opt.step()
        summe += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        p = model(*te) * sd + mu
    r2 = 1 - ((p - y_te) ** 2).mean() / ((y_te - y_te.mean()) ** 2).mean()
    print(f"Epoche {epoch + 1:2d}  Verlust {summe / len(train):.4f}  Test R2 {r2:.3f}  mittlerer Fehler Faktor {torch.exp((p - y_te).abs().mean()):.2f}")
