"""Route helpdesk tickets to a queue. The export is one text file per ticket and a csv with the queue of each ticket."""
import csv
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)

TOPICS = {
    "Netzwerk": "vpn router wlan verbindung dns leitung kabel switch firewall adresse netz port".split(),
    "Drucker": "drucker toner papier stau schacht duplex scanner patrone treiber seite kopie farbe".split(),
    "Konto": "passwort anmeldung konto gesperrt benutzer kennung rechte token zugang profil login rolle".split(),
    "Bestellung": "laptop monitor maus lieferung angebot rechnung bestellen headset tastatur dock kosten preis".split(),
}
FILLER = "hallo bitte danke seit gestern heute das der die ist nicht geht mehr und mit beim ich wir kollege wieder team problem".split()


def export(folder, n=1600):
    os.makedirs(folder, exist_ok=True)
    with open("queues.csv", "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["ticket", "queue"])
        for i in range(1, n + 1):
            queue = random.choice(list(TOPICS))
            words = random.choices(FILLER, k=random.randint(6, 14)) + random.choices(TOPICS[queue], k=random.randint(2, 4))
            if random.random() < 0.3:
                words.append(random.choice(TOPICS[random.choice(list(TOPICS))]))
            random.shuffle(words)
            with open(os.path.join(folder, f"ticket_{i}.txt"), "w", encoding="utf8") as t:
                t.write(" ".join(words))
            w.writerow([i, queue])


export("tickets")

# ---------------------------------------------------------------- reading
# fault:
names = sorted(os.listdir("tickets"))
# mended:
# names = sorted(os.listdir("tickets"), key=lambda name: int(name[7:-4]))
# end
texts = [open(os.path.join("tickets", name), encoding="utf8").read().split() for name in names]
with open("queues.csv", newline="") as f:
    queues = [row["queue"] for row in csv.DictReader(f)]
assert len(texts) == len(queues)
classes = sorted(set(queues))
data = [(t, classes.index(q)) for t, q in zip(texts, queues)]
random.shuffle(data)
train, dev = data[:1280], data[1280:]
word2id = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
print(len(train), "train", len(dev), "dev", len(word2id), "words", classes)


def batchify(rows):
    ids, offsets = [], []
    for text, _ in rows:
        offsets.append(len(ids))
        ids += [word2id[w] for w in text if w in word2id]
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(word2id), 32, mode="mean")
        self.fc = nn.Linear(32, len(classes))

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


model = Router()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(14):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        ids, off, y = batchify(train[i:i + 32])
        loss = F.cross_entropy(model(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        ids, off, y = batchify(dev)
        acc = (model(ids, off).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch:2d} loss {total / len(train):.3f} dev accuracy {acc:.3f}")
