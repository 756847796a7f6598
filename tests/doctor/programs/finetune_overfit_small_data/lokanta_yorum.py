# Lokanta yorumları: 200 etiketli yorum, hazır kelime vektörleri.
import itertools
import numpy as np
import torch
from torch import nn

torch.manual_seed(4)
rng = np.random.default_rng(4)
HECE = "ka le mi so tu ba ri ne do ya gü şe çı mö lu pe".split()
KELIME = ["".join(p) for p in itertools.product(HECE, HECE, HECE)]
rng.shuffle(KELIME)
KELIME = KELIME[:3000]
D = 20
his = rng.normal(size=len(KELIME))
eksen = np.linalg.qr(rng.normal(size=(D, D)))[0][0]
tablo = 0.22 * rng.normal(size=(len(KELIME), D)) + 0.45 * his[:, None] * eksen
with open("tr.vec", "w", encoding="utf-8") as f:
    f.write(f"{len(KELIME)} {D}\n")
    for w, v in zip(KELIME, tablo):
        f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def vektor_oku(yol):
    with open(yol, encoding="utf-8") as f:
        n, d = map(int, f.readline().split())
        sozluk, mat = {"<dolgu>": 0}, np.zeros((n + 1, d), dtype="float32")
        for satir in f:
            w, *xs = satir.split()
            sozluk[w] = len(sozluk)
            mat[sozluk[w]] = [float(x) for x in xs]
    return sozluk, torch.from_numpy(mat)


def yorumlar(n):
    x, y = [], []
    for _ in range(n):
        ids = rng.integers(0, len(KELIME), size=rng.integers(6, 14))
        x.append([KELIME[i] for i in ids])
        y.append(int(his[ids].sum() + 0.8 * rng.normal() > 0))
    return x, torch.tensor(y)


sozluk, vektor = vektor_oku("tr.vec")
egitim_x, egitim_y = yorumlar(200)
dev_x, dev_y = yorumlar(1200)


def sayilar(metinler):
    u = max(map(len, metinler))
    return torch.tensor([[sozluk[w] for w in m] + [0] * (u - len(m)) for m in metinler])


class Yorum(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.kelime = nn.Embedding.from_pretrained(vektor, freeze=False, padding_idx=0)
        # mended:
        # self.kelime = nn.Embedding.from_pretrained(vektor, freeze=True, padding_idx=0)
        # end
        self.cikis = nn.Linear(D, 2)

    def forward(self, x):
        dolu = (x != 0).sum(1, keepdim=True)
        return self.cikis(self.kelime(x).sum(1) / dolu.float().sqrt())


model = Yorum()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.03)
kayip = nn.CrossEntropyLoss(label_smoothing=0.05)
X, Xd = sayilar(egitim_x), sayilar(dev_x)
for tur in range(1, 31):
    for b in torch.randperm(len(X)).split(20):
        opt.zero_grad()
        l = kayip(model(X[b]), egitim_y[b])
        l.backward()
        opt.step()
    if tur % 5 == 0:
        with torch.no_grad():
            e = (model(X).argmax(1) == egitim_y).float().mean().item()
            zd = model(Xd)
            d = (zd.argmax(1) == dev_y).float().mean().item()
            dl = nn.functional.cross_entropy(zd, dev_y).item()
        print(f"tur {tur:2d}  son kayip {l.item():.3f}  egitim {e:.3f}  dev {d:.3f}  dev kaybi {dl:.3f}")
