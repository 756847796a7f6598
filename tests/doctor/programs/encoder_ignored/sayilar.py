# Türkçe sayı okunuşu -> rakam  ("iki bin otuz beş" -> "2035"), GRU encoder / GRU decoder
import random
import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)

BIRLER = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
ONLAR = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


def oku(n):
    w = []
    b, n = divmod(n, 1000)
    if b:
        w += ([BIRLER[b]] if b > 1 else []) + ["bin"]
    y, n = divmod(n, 100)
    if y:
        w += ([BIRLER[y]] if y > 1 else []) + ["yüz"]
    o, n = divmod(n, 10)
    w += [ONLAR[o]] * (o > 0) + [BIRLER[n]] * (n > 0)
    return w


sayilar = random.sample(range(1, 10000), 3400)
egitim, test = sayilar[:3000], sayilar[3000:]

sozluk = {w: i + 1 for i, w in enumerate(BIRLER[1:] + ONLAR[1:] + ["yüz", "bin"])}   # 0: dolgu
SON, BAS, DOLGU = 10, 11, 12


def tensorlar(ns):
    src = torch.zeros(len(ns), 7, dtype=torch.long)
    tgt = torch.full((len(ns), 6), DOLGU)
    for i, n in enumerate(ns):
        k = [sozluk[w] for w in oku(n)]
        src[i, :len(k)] = torch.tensor(k)
        r = [BAS] + [int(c) for c in str(n)] + [SON]
        tgt[i, :len(r)] = torch.tensor(r)
    return src, tgt


class Okuyucu(nn.Module):
    def __init__(self, d=32, h=96):
        super().__init__()
        self.src = nn.Embedding(len(sozluk) + 1, d, padding_idx=0)
        self.enc = nn.GRU(d, h, batch_first=True)
        self.bridge = nn.Linear(h, h)
        self.tgt = nn.Embedding(13, d)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, 11)

    def encode(self, src):
        n = (src > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src(src), n, batch_first=True, enforce_sorted=False)
        _, h = self.enc(packed)
        return torch.tanh(self.bridge(h))

    def decode(self, prefix, state):
        # fault:
        y, _ = self.dec(self.tgt(prefix))
        # mended:
        # y, _ = self.dec(self.tgt(prefix), state)
        # end
        return self.out(y)

    def forward(self, src, prefix):
        return self.decode(prefix, self.encode(src))

    @torch.no_grad()
    def cevir(self, src):
        state = self.encode(src)
        y = torch.full((len(src), 1), BAS)
        for _ in range(5):
            y = torch.cat([y, self.decode(y, state)[:, -1:].argmax(-1)], 1)
        res = []
        for row in y[:, 1:].tolist():
            row = row[:row.index(SON)] if SON in row else row
            res.append("".join(map(str, row)))
        return res


X, Y = tensorlar(egitim)
Xt, Yt = tensorlar(test)
model = Okuyucu()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
kayip = nn.CrossEntropyLoss(ignore_index=DOLGU)

for tur in range(8):
    model.train()
    toplam = 0.0
    for idx in torch.randperm(len(X)).split(64):
        y = Y[idx]
        logit = model(X[idx], y[:, :-1])
        loss = kayip(logit.flatten(0, 1), y[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        toplam += loss.item() * len(idx)
    sched.step()
    if tur % 2 == 1:
        model.eval()
        tahmin = model.cevir(Xt)
        dogru = sum(t == str(n) for t, n in zip(tahmin, test)) / len(test)
        print(f"tur {tur + 1}: kayıp {toplam / len(X):.4f}, test doğruluk {dogru:.3f}")
for n, t in list(zip(test, tahmin))[:4]:
    print(" ".join(oku(n)), "->", t, f"({n})")
