"""Sort flea market adverts into shelves by the sellers' keyword lines (GloVe stays fixed)."""
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn

SHELVES = {
    "music": "guitar piano violin drum trumpet bass album song orchestra jazz opera concert rhythm organ choir melody flute vinyl harp".split(),
    "kitchen": "kitchen cooking bread cheese soup sugar butter rice coffee tea wine salt fruit meat chicken cake chocolate egg pepper lemon".split(),
    "sport": "football tennis golf soccer basketball hockey racing bicycle ski boxing baseball rugby swimming championship coach stadium league ball".split(),
    "computer": "computer software internet laptop windows server microsoft apple intel disk digital chip processor desktop memory browser wireless keyboard".split(),
    "animals": "dog cat horse bird fish cow pig sheep rabbit mouse elephant tiger lion wolf snake bear monkey insect".split(),
}
FILLER = "old new small big box set good nice two three red blue price cheap pair used original london germany years home".split()
names = list(SHELVES)
gen = np.random.default_rng(21)


def advert():
    k = int(gen.integers(len(names)))
    words = list(gen.choice(SHELVES[names[k]], 2)) + list(gen.choice(FILLER, int(gen.integers(3, 6))))
    if gen.random() < 0.3:
        words.append(gen.choice(SHELVES[names[int(gen.integers(len(names)))]]))
    gen.shuffle(words)
    sep = [",", ";", ","][int(gen.integers(3))] + " "
    return sep.join(w.title() for w in words), k


ads = [advert() for _ in range(3600)]

vec = {}
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        vec[w] = rest


def split(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r"[a-z]+", text.lower())
    # end


seen = sorted({w for text, _ in ads for w in split(text)})
stoi = {w: i for i, w in enumerate(seen)}
table = torch.zeros(len(seen), 50)
for w, i in stoi.items():
    if w in vec:
        table[i] = torch.from_numpy(np.array(vec[w].split(), dtype=np.float32))


def collate(rows):
    flat, starts = [], []
    for text, _ in rows:
        starts.append(len(flat))
        flat += [stoi[w] for w in split(text)]
    return torch.tensor(flat), torch.tensor(starts), torch.tensor([k for _, k in rows])


class Shelf(nn.Module):
    def __init__(self, weights, out):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=True)
        self.h = nn.Linear(weights.size(1), 32)
        self.o = nn.Linear(32, out)

    def forward(self, flat, starts):
        return self.o(torch.tanh(self.h(self.bag(flat, starts))))


torch.manual_seed(21)
model = Shelf(table, len(names))
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()
train, valid = ads[:3000], ads[3000:]
flat_v, starts_v, y_v = collate(valid)
for ep in range(9):
    order = gen.permutation(len(train))
    tot = good = 0
    for b in range(0, len(order), 50):
        flat, starts, y = collate([train[j] for j in order[b:b + 50]])
        out = model(flat, starts)
        loss = loss_fn(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(y)
        good += (out.argmax(1) == y).sum().item()
    with torch.no_grad():
        acc = (model(flat_v, starts_v).argmax(1) == y_v).float().mean().item()
    print(f"[{ep}] loss {tot / len(train):.3f}  train {good / len(train):.3f}  valid {acc:.3f}")
