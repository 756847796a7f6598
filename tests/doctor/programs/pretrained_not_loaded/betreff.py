"""Postverteilung: E-Mail-Betreffe -> Abteilung.
Schritt 1 (einmalig): Wortvektoren aus 8000 unbeschrifteten Betreffen (PPMI + SVD), abgelegt als betreff.pt
Schritt 2: kleiner Klassifikator auf 300 beschrifteten Zeilen, Vektoren bleiben fest."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(42); np.random.seed(42); torch.manual_seed(42)
ABT = {
    "buchhaltung": (["rechnungs", "zahlungs", "konto", "mahn", "steuer", "gutschrift"], ["korrektur", "eingang", "auszug", "frist", "beleg", "betrag", "nummer", "kopie"]),
    "personal": (["urlaubs", "gehalts", "bewerbungs", "kranken", "arbeits", "schulungs"], ["antrag", "zettel", "gespräch", "meldung", "vertrag", "plan", "termin", "akte"]),
    "technik": (["server", "drucker", "netzwerk", "passwort", "bildschirm", "laufwerk"], ["ausfall", "störung", "wartung", "fehler", "zugang", "tausch", "treiber", "update"]),
    "versand": (["paket", "liefer", "spedition", "zoll", "retouren", "lager"], ["schein", "verzug", "adresse", "etikett", "papiere", "menge", "abholung", "status"]),
    "recht": (["vertrags", "klage", "datenschutz", "marken", "haftungs", "lizenz"], ["entwurf", "anfrage", "prüfung", "klausel", "verletzung", "gutachten", "schreiben", "vergleich"]),
}
FUELL = "bitte um betrifft wegen ihre unsere anfrage vom montag dienstag dringend nochmals zur der die das info rückfrage heute erneut kunde neu re fw".split()
LEX = {a: [p + q for p in ps for q in qs] for a, (ps, qs) in ABT.items()}
NAMEN = list(ABT)


def betreff(a):
    w = random.sample(LEX[NAMEN[a]], 2) + random.sample(FUELL, random.randint(2, 5))
    if random.random() < 0.2:
        w.append(random.choice(LEX[random.choice(NAMEN)]))
    random.shuffle(w)
    return w


roh = [betreff(random.randrange(5)) for _ in range(8000)]
vokabular = {w: i + 1 for i, w in enumerate(sorted({w for z in roh for w in z}))}
V, D, T = len(vokabular) + 1, 32, 10


def vortraining(pfad):
    C = np.zeros((V, V))
    for z in roh:
        ids = [vokabular[w] for w in z]
        for i in ids:
            for j in ids:
                if i != j:
                    C[i, j] += 1
    p = C / C.sum()
    m = p.sum(1)
    ppmi = np.log(np.maximum(p, 1e-12) / np.maximum(np.outer(m, m), 1e-12)).clip(0)
    U, S, _ = np.linalg.svd(ppmi)
    torch.save({"embedding.weight": torch.tensor(U[:, :D] * np.sqrt(S[:D]), dtype=torch.float32)}, pfad)


class Verteiler(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding(V, D, padding_idx=0)
        self.embeddings.weight.requires_grad_(False)
        self.schicht = nn.Linear(D, 32)
        self.aus = nn.Linear(32, len(NAMEN))

    def forward(self, x):
        m = (x > 0).float().unsqueeze(2)
        s = (self.embeddings(x) * m).sum(1) / m.sum(1)
        return self.aus(F.dropout(F.relu(self.schicht(s)), 0.2, self.training))


def tensoren(n):
    X, Y = torch.zeros(n, T, dtype=torch.long), torch.randint(0, 5, (n,))
    for i in range(n):
        ids = [vokabular[w] for w in betreff(int(Y[i])) if w in vokabular]
        X[i, :len(ids)] = torch.tensor(ids)
    return TensorDataset(X, Y)


vortraining("betreff.pt")
modell = Verteiler()
# fault:
modell.load_state_dict(torch.load("betreff.pt"), strict=False)
# mended:
# modell.load_state_dict({"embeddings.weight": torch.load("betreff.pt")["embedding.weight"]}, strict=False)
# end
train, pruef = tensoren(300), tensoren(1000)
opt = torch.optim.Adam([p for p in modell.parameters() if p.requires_grad], lr=5e-3)
for epoche in range(40):
    modell.train()
    for x, y in DataLoader(train, 20, shuffle=True):
        verlust = F.cross_entropy(modell(x), y)
        opt.zero_grad()
        verlust.backward()
        opt.step()
    if epoche % 8 == 7:
        modell.eval()
        with torch.no_grad():
            gut = sum((modell(x).argmax(1) == y).sum().item() for x, y in DataLoader(pruef, 250))
        print(f"Epoche {epoche + 1}: Verlust {verlust.item():.3f}, Treffer {gut / len(pruef):.3f}")
