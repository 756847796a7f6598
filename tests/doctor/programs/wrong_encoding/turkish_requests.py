"""Intent detection for the city's Turkish hotline, with the department's own word vectors (gzip, 40 d)."""
import gzip
import random

import numpy as np
import torch
import torch.nn as nn

SEED = 11
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DIM = 40
TOPICS = {
    "su": "çeşme güğüm ıslaklık sızıntı boşalım döküntü yağmurluk göl çay ırmak köpük süzgeç düğüm şebeke çökelti akıntı ölçüm sağanak".split(),
    "ulaşım": "otobüs köprü şoför yön güzergâh üstgeçit sürücü dönüş çıkış kavşağı gişe yürüyüş şerit tünelağzı düzlük ücret dolmuş öğrencikart".split(),
    "çöp": "çöplük süprüntü atıkçı poşet kâğıt şişe öbek kirlilikçi dönüşüm müslük böcek küf kötükoku temizlikçi sıyırma süpürge kazıma taşıyıcı".split(),
    "gürültü": "gürültü müzikçi çığlık köpek bağırış üstkat düğünsalonu şarkı uğultu patlayış çekiç ötüş tıkırtı sövgü kırıcı çalgı çınlama davulcuğun".split(),
    "imar": "inşaat döşeme yıkım çatı sıva çimento ölçek arsacığı tapugörü ruhsatçı sütun yükseklik kâgir kapıönü çitleme duvarüstü mühür yapısaldı".split(),
}
FILLER = "merhaba bu sokakta var lutfen bakar misiniz dun bugun yine bizim mahallede acil olarak bilgi verin tesekkurler ve bir hala".split()


def write_vectors(path):
    rng = np.random.RandomState(3)
    with gzip.open(path, "wb") as f:
        for words in TOPICS.values():
            centre = rng.randn(DIM) * 0.45
            for w in words:
                f.write((w + " " + " ".join("%.4f" % x for x in centre + rng.randn(DIM) * 0.35) + "\n").encode("utf-8"))
        for w in FILLER:
            f.write((w + " " + " ".join("%.4f" % x for x in rng.randn(DIM) * 0.4) + "\n").encode("utf-8"))


def read_vectors(path):
    table = {}
    with gzip.open(path, "rb") as f:
        for raw in f:
            # fault:
            line = raw.decode("ascii", errors="ignore")
            # mended:
            # line = raw.decode("utf-8")
            # end
            w, *v = line.split()
            table[w] = np.array(v, dtype=np.float32)
    return table


def make(n):
    names = list(TOPICS)
    out = []
    for _ in range(n):
        k = random.randrange(len(names))
        words = random.choices(FILLER, k=random.randint(4, 9)) + random.choices(TOPICS[names[k]], k=random.randint(1, 3))
        if random.random() < 0.2:
            words.append(random.choice(TOPICS[random.choice(names)]))
        random.shuffle(words)
        out.append((" ".join(words), k))
    return out


write_vectors("belediye.vec.gz")
vectors = read_vectors("belediye.vec.gz")
train, dev = make(1600), make(500)
vocab = {"<unk>": 0}
for text, _ in train:
    for w in text.split():
        vocab.setdefault(w, len(vocab))
weights = torch.zeros(len(vocab), DIM)
for w, i in vocab.items():
    if w in vectors:
        weights[i] = torch.from_numpy(vectors[w])
print("vocabulary", len(vocab), "vectors read", len(vectors))


def collate(rows):
    ids, offsets, ys = [], [], []
    for text, y in rows:
        offsets.append(len(ids))
        ids += [vocab.get(w, 0) for w in text.split()]
        ys.append(y)
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor(ys)


bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=True)
head = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(TOPICS)))
opt = torch.optim.Adam(head.parameters(), lr=3e-3)
for epoch in range(12):
    random.shuffle(train)
    head.train()
    total = 0.0
    for i in range(0, len(train), 32):
        ids, off, y = collate(train[i:i + 32])
        loss = nn.functional.cross_entropy(head(bag(ids, off)), y)
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(y)
    head.eval()
    with torch.no_grad():
        ids, off, y = collate(dev)
        acc = (head(bag(ids, off)).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1} loss {total / len(train):.3f} dev accuracy {acc:.3f}")
