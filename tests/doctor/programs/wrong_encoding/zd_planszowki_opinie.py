# Opinie o grach planszowych (+/-) z gotowymi wektorami slow.
# Prawdziwy plik wektorow ma 900 MB, wiec tu wycinek tylko ze slowami, ktorych uzywam (ten sam format: slowo liczby...).
import os, random, tempfile
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(7)
random.seed(7)
torch.manual_seed(7)
DIM = 24

PLUS = ("świetna piękna wciągająca żywa błyskotliwa wspaniała śliczna przemyślana lśniąca rewelacyjna łatwa mądra zręczna "
        "różnorodna pomysłowa głęboka oryginalna źródłowa uwielbiają śmieszna radość przyjaźń zachęcająca cudowną "
        "świeża płynna żwawa najlepszą ćwiczy dążąca wyśmienita barwną").split()
MINUS = ("słaba męcząca żałosna głupia brzydką okropną nużąca dłużyzna śmieć zawiłą błędy niejasną porażka zepsutą "
         "nieczytelną powtórzenia żmudna rozczarowująca błaha łamliwa kłopotliwa niedoróbka wściekłość nudną "
         "krótką pośpieszna żenująca dziurawą zagmatwaną tandetną znużenie fatalną").split()
REST = ("gra plansza karty kostki pionki autor zasady pudełko gracz runda tura dzieci rodzina wieczór stół ilustracje "
        "instrukcja dodatek cena sklep moim zdaniem jest była dość bardzo trochę chyba naprawdę po kilku partiach i oraz").split()

def write_slice(path):
    axis = rng.normal(size=DIM)
    axis /= np.linalg.norm(axis)
    words = [(w, 1) for w in PLUS] + [(w, -1) for w in MINUS] + [(w, 0) for w in REST]
    random.shuffle(words)
    with open(path, "w", encoding="utf-8") as f:
        for w, s in words:
            v = rng.normal(scale=0.3, size=DIM) + 1.0 * s * axis
            f.write(w + " " + " ".join(f"{a:.4f}" for a in v) + "\n")

def review(label, words):
    k = random.randint(2, 3)
    out = random.sample(words[label], k) + random.sample(words[1 - label], 1) * (k == 3)
    out += random.choices(REST, k=random.randint(5, 10))
    random.shuffle(out)
    return out

path = os.path.join(tempfile.mkdtemp(), "wektory.txt")
write_slice(path)

vectors = {}
# fault:
with open(path, encoding="latin-1") as f:
# mended:
# with open(path, encoding="utf-8") as f:
# end
    for line in f:
        parts = line.rstrip("\n").split(" ")
        vectors[parts[0]] = np.array(parts[1:], dtype=np.float32)
print(len(vectors), "wektorów")

data = [(review(y, {1: PLUS, 0: MINUS}), y) for y in [0, 1] * 600]
random.shuffle(data)
train, valid = data[:900], data[900:]

itos = ["<pad>", "<unk>"] + sorted({w for toks, _ in train for w in toks})
ids = {w: i for i, w in enumerate(itos)}
table = np.zeros((len(itos), DIM), dtype=np.float32)
hits = 0
for w, i in ids.items():
    if w in vectors:
        table[i] = vectors[w]
        hits += 1
print(f"znaleziono {hits} z {len(itos) - 2} słów")

class Opinie(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(DIM, 16), nn.Tanh(), nn.Linear(16, 2))
    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.mlp(self.emb(x).sum(1) / n)

def batches(rows, size, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        width = max(len(t) for t, _ in part)
        x = torch.tensor([[ids.get(w, 1) for w in t] + [0] * (width - len(t)) for t, _ in part])
        yield x, torch.tensor([y for _, y in part])

model = Opinie()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
crit = nn.CrossEntropyLoss()
for ep in range(1, 9):
    model.train()
    s = 0.0
    for x, y in batches(train, 30, True):
        opt.zero_grad()
        loss = crit(model(x), y)
        loss.backward()
        opt.step()
        s += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        acc = [np.mean(np.concatenate([(model(x).argmax(1) == y).numpy() for x, y in batches(r, 100, False)])) for r in (train, valid)]
    print(f"epoka {ep}: strata {s / len(train):.3f}  trafność ucz. {acc[0]:.3f} wal. {acc[1]:.3f}")
