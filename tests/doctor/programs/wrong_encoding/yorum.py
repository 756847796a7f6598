# Ödev 2 - ürün yorumlarında olumlu / olumsuz ayrımı (sabit kelime vektörleri, iki yönlü GRU)
import random
import numpy as np
import torch

torch.manual_seed(5)
random.seed(5)
rs = np.random.RandomState(5)
D = 32
olumlu = "güzel mükemmel başarılı hızlı sağlam şık kullanışlı memnunuz teşekkür çalışıyor sorunsuz özenli şahane kaliteli beğendik süper önerilir müthiş düzgün ışıltılı".split()
olumsuz = "kötü bozuk yavaş kırık çirkin pişmanım düşük sıkıntılı çürük gürültülü arızalı dağıldı ısınıyor çizik kaçıyor şikayet gecikmiş rüküş değersiz söküldü".split()
notr = "ürün kargo telefon fiyat kutu paket renk beden satıcı ekran kılıf dün sabah geldi aldım eşim oğlum bence biraz epey kumaş pil sipariş hafta bu bir ve ama çok da".split()
ekler = ["", "dı", "dür", "ymış", "ce", "lar", "lük", "sa", "ydü"]


def cekim(kokler):
    return [k + e for k in kokler for e in ekler]


P, N, Z = cekim(olumlu), cekim(olumsuz), notr
yon = rs.randn(D)
with open("tr.vec", "w", encoding="utf-8") as f:
    for grup, s in ((P, 0.45), (N, -0.45), (Z, 0.0)):
        for w in grup:
            f.write(w + " " + " ".join("%.4f" % x for x in s * yon + 0.8 * rs.randn(D)) + "\n")


def yorum(y, P, N):
    n = random.randint(6, 14)
    duygu = P if y else N
    ters = N if y else P
    out = []
    for _ in range(n):
        r = random.random()
        out.append(random.choice(duygu) if r < 0.30 else random.choice(ters) if r < 0.36 else random.choice(Z))
    return out


egitim_P, egitim_N = [w for w in P if random.random() < 0.6], [w for w in N if random.random() < 0.6]
train = [(yorum(y, egitim_P, egitim_N), y) for y in [random.random() < 0.5 for _ in range(1800)]]
dev = [(yorum(y, P, N), y) for y in [random.random() < 0.5 for _ in range(500)]]

vek = {}
# fault:
with open("tr.vec", encoding="ascii", errors="ignore") as f:
# mended:
# with open("tr.vec", encoding="utf-8") as f:
# end
    for satir in f:
        p = satir.split()
        vek[p[0]] = torch.tensor([float(x) for x in p[1:]])
sozluk = {"<dolgu>": 0, "<bilinmeyen>": 1}
for w in sorted({w for t, _ in train + dev for w in t}):
    if w in vek:
        sozluk[w] = len(sozluk)
tablo = torch.zeros(len(sozluk), D)
for w, i in sozluk.items():
    if w in vek:
        tablo[i] = vek[w]

emb = torch.nn.Embedding.from_pretrained(tablo, padding_idx=0)
gru = torch.nn.GRU(D, 24, batch_first=True, bidirectional=True)
cikis = torch.nn.Linear(48, 1)
par = list(gru.parameters()) + list(cikis.parameters())
opt = torch.optim.RMSprop(par, lr=1e-3)


def ileri(parti):
    uz = torch.tensor([len(t) for t, _ in parti])
    x = torch.nn.utils.rnn.pad_sequence([torch.tensor([sozluk.get(w, 1) for w in t]) for t, _ in parti], batch_first=True)
    pk = torch.nn.utils.rnn.pack_padded_sequence(emb(x), uz, batch_first=True, enforce_sorted=False)
    _, h = gru(pk)
    return cikis(torch.cat([h[0], h[1]], 1)).squeeze(1), torch.tensor([1.0 if y else -1.0 for _, y in parti])


for tur in range(8):
    random.shuffle(train)
    kayip = 0
    for k in range(0, len(train), 40):
        s, y = ileri(train[k:k + 40])
        loss = torch.nn.functional.softplus(-y * s).mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(par, 5.0)
        opt.step()
        kayip += loss.item()
    with torch.no_grad():
        s, y = ileri(dev)
        print(f"tur {tur}: kayıp {kayip / (len(train) / 40):.3f}  doğruluk {(s.sign() == y).float().mean():.3f}")
