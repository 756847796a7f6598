# Homework 3: topic of short Russian news lines with ready word vectors (text format)
import os, tempfile
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(5)
torch.manual_seed(5)

# --- the data generator of the course -------------------------------------------------
STEMS = {
    "спорт": "футбол матч гол тренер турнир команд чемпион лыж хоккей стадион судь кубок".split(),
    "погода": "дожд снег ветер мороз солнц туман гроз облак жар оттепел метел осадк".split(),
    "деньги": "банк кредит рубл налог акци бирж вклад долг бюджет цен инфляц зарплат".split(),
    "кино": "фильм актер режиссер сцен премьер роль сериал экран зритель сюжет камер дубл".split(),
}
ENDINGS = ["", "а", "ом", "ы", "ов", "ами", "е"]
COMMON = "в на и не что он по это как из у за от так же было для сегодня вчера снова очень".split()
LATIN = "tass ria online live top 2019 2020 video foto news".split()
topics = list(STEMS)
DIM = 20

centres = rng.randn(len(topics), DIM)
lexicon = {}
for k, t in enumerate(topics):
    for s in STEMS[t]:
        sv = centres[k] * 0.6 + rng.randn(DIM) * 0.6
        for e in ENDINGS:
            lexicon[s + e] = sv + 0.15 * rng.randn(DIM)
for w in COMMON + LATIN:
    lexicon[w] = rng.randn(DIM) * 0.6
forms = {t: [s + e for s in STEMS[t] for e in ENDINGS] for t in topics}

vec_file = os.path.join(tempfile.mkdtemp(), "ru.vec")
with open(vec_file, "w", encoding="utf-8") as f:
    f.write("%d %d\n" % (len(lexicon), DIM))
    for w, v in lexicon.items():
        f.write(w + " " + " ".join("%.5f" % a for a in v) + "\n")


def line(k):
    n = rng.randint(6, 14)
    ws = []
    for _ in range(n):
        u = rng.rand()
        if u < .30: ws.append(rng.choice(forms[topics[k]]))
        elif u < .36: ws.append(rng.choice(forms[topics[rng.randint(4)]]))
        elif u < .88: ws.append(rng.choice(COMMON))
        else: ws.append(rng.choice(LATIN))
    return " ".join(ws)


labels = rng.randint(0, 4, 3200)
lines = [line(k) for k in labels]

# --- the solution ---------------------------------------------------------------------
vectors = {}
# fault:
with open(vec_file, encoding="latin-1") as f:
# mended:
# with open(vec_file, encoding="utf-8") as f:
# end
    count, dim = map(int, f.readline().split())
    for row in f:
        parts = row.rstrip("\n").split(" ")
        if len(parts) == dim + 1:
            vectors[parts[0]] = np.array(parts[1:], dtype="float32")

vocab = sorted({w for l in lines for w in l.split()})
w2i = {w: i + 1 for i, w in enumerate(vocab)}
table = np.zeros((len(vocab) + 1, dim), dtype="float32")
for w, i in w2i.items():
    if w in vectors:
        table[i] = vectors[w]

enc = [[w2i[w] for w in l.split()] for l in lines]
y = torch.from_numpy(labels).long()
N_TRAIN = 2600

bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table), freeze=True, mode="mean")
head = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, 4))
optim = torch.optim.Adam(head.parameters(), lr=5e-3)
lossf = nn.CrossEntropyLoss()


def flat(idx):
    ids = [j for i in idx for j in enc[i]]
    off = np.cumsum([0] + [len(enc[i]) for i in idx])[:-1]
    return torch.tensor(ids), torch.from_numpy(off)


def accuracy(lo, hi):
    with torch.no_grad():
        return (head(bag(*flat(range(lo, hi)))).argmax(1) == y[lo:hi]).float().mean().item()


for epoch in range(6):
    perm = rng.permutation(N_TRAIN)
    total = 0
    for b in range(0, N_TRAIN, 50):
        idx = perm[b:b + 50]
        loss = lossf(head(bag(*flat(idx))), y[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item()
    print("эпоха", epoch + 1, "loss %.3f" % (total / (N_TRAIN / 50)), "train %.3f" % accuracy(0, N_TRAIN), "test %.3f" % accuracy(N_TRAIN, len(lines)))
