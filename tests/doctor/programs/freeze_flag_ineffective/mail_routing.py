# Posteingang: E-Mails an die richtige Abteilung leiten.
# Die Wortvektoren teilt sich dieses Modell mit dem Suchindex, sie bleiben also, wie sie in vectors.vec stehen.
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)

ABTEILUNG = {
    "rechnung": "rechnung betrag mahnung überweisung konto lastschrift gutschrift skonto steuer zahlung beleg buchung kontoauszug iban zahlungsziel rabatt".split(),
    "versand": "paket lieferung zusteller sendung spedition karton abholung lieferschein verspätung adresse nachbar rücksendung palette sendungsnummer bote etikett".split(),
    "technik": "drucker absturz passwort server bildschirm update fehlermeldung netzwerk kabel router treiber login neustart laptop anwendung datenbank".split(),
    "vertrag": "kündigung laufzeit vertrag frist tarif verlängerung unterschrift widerruf klausel anlage bestätigung vertragsende konditionen sonderkündigung wechsel agb".split(),
}
FUELL = "guten tag sehr geehrte damen und herren ich habe bitte leider seit gestern noch keine antwort erhalten wir möchten vielen dank im voraus mit freundlichen grüßen zu der dem das nicht schon wieder unser ihre eine".split()
DIM = 24


def write_vectors(path):
    g = torch.Generator().manual_seed(8)
    with open(path, "w", encoding="utf-8") as f:
        words = FUELL + [w for ws in ABTEILUNG.values() for w in ws]
        f.write(f"{len(words)} {DIM}\n")
        for w in FUELL:
            v = torch.randn(DIM, generator=g) * 0.3
            f.write(w + " " + " ".join(f"{x:.5f}" for x in v.tolist()) + "\n")
        for ws in ABTEILUNG.values():
            centre = torch.randn(DIM, generator=g) * 0.3
            for w in ws:
                v = centre + torch.randn(DIM, generator=g) * 0.25
                f.write(w + " " + " ".join(f"{x:.5f}" for x in v.tolist()) + "\n")


def read_vectors(path):
    with open(path, encoding="utf-8") as f:
        n, d = map(int, f.readline().split())
        vocab, rows = {"<pad>": 0}, [[0.0] * d]
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            vocab[w] = len(rows)
            rows.append([float(x) for x in v])
    return vocab, torch.tensor(rows)


def mails(n, upto, rnd):
    """upto: how much of each department's word list turns up (new words come with new months)"""
    out = []
    names = list(ABTEILUNG)
    for _ in range(n):
        y = rnd.randrange(4)
        own = ABTEILUNG[names[y]]
        own = own[: int(len(own) * upto)] if upto < 1 else own
        words = [rnd.choice(own) for _ in range(rnd.randint(1, 3))] + [rnd.choice(FUELL) for _ in range(rnd.randint(4, 9))]
        if rnd.random() < 0.3:
            words.append(rnd.choice(ABTEILUNG[rnd.choice(names)][:10]))
        rnd.shuffle(words)
        out.append((" ".join(words), y))
    return out


class Encoder(nn.Module):
    def __init__(self, vectors, hidden):
        super().__init__()
        self.embedding = nn.Embedding(vectors.size(0), vectors.size(1), padding_idx=0)
        self.embedding.weight.data.copy_(vectors)
        self.score = nn.Linear(vectors.size(1), 1)
        self.proj = nn.Linear(vectors.size(1), hidden)

    def forward(self, ids):
        e = self.embedding(ids)
        s = self.score(e).squeeze(-1).masked_fill(ids == 0, -1e9)
        return torch.relu(self.proj((s.softmax(-1).unsqueeze(-1) * e).sum(1)))


class Router(nn.Module):
    def __init__(self, vectors, classes=4, hidden=48):
        super().__init__()
        self.encoder = Encoder(vectors, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, ids):
        return self.head(self.encoder(ids))


def tensorise(rows, vocab):
    ids = [[vocab[w] for w in t.split()] for t, _ in rows]
    width = max(map(len, ids))
    return torch.tensor([i + [0] * (width - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


write_vectors("vectors.vec")
vocab, vectors = read_vectors("vectors.vec")
rnd = random.Random(5)
x_train, y_train = tensorise(mails(2400, 0.6, rnd), vocab)
x_dev, y_dev = tensorise(mails(600, 1.0, rnd), vocab)

model = Router(vectors)
for name, p in model.named_parameters():
    # fault:
    if name.startswith("embedding"):
        p.requires_grad = False
    # mended:
    # if "embedding" in name:
    #     p.requires_grad = False
    # end

optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(y_train)).split(32):
        loss = F.cross_entropy(model(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 2 == 1:
        model.eval()
        with torch.no_grad():
            tr = (model(x_train).argmax(1) == y_train).float().mean().item()
            de = (model(x_dev).argmax(1) == y_dev).float().mean().item()
        print(f"Epoche {epoch + 1:2d}  Training {tr:.3f}  neue Monate {de:.3f}")

table = model.encoder.embedding.weight.detach()
print("Abgleich mit vectors.vec: grösste Abweichung %.4f" % (table - vectors).abs().max().item())
