# Türkçe kelime etiketleme (yemek / şehir / meslek / diğer) - hazır kelime vektörleri + GRU
# Vektör dosyası eski derlemden geliyor, burada küçük bir örneği üretiliyor.
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(3); np.random.seed(3); torch.manual_seed(3)

YEMEK = "köfte çorba börek mantı dürüm lahmacun simit sütlaç güveç şiş pilavı dönerci menemen çiğköfte hünkâr tantuni içli aşure keşkek kadayıf künefe höşmerim kuzu tulumba gözleme".split()
SEHIR = "İzmir Eskişehir Muğla Diyarbakır Çanakkale Kütahya Niğde Şırnak Ağrı Muş Gümüşhane Kırşehir Uşak Iğdır Elâzığ Düzce Çorum Çankırı Aydın Balıkesir Nevşehir Artvin Tekirdağ Kırıkkale Şanlıurfa".split()
MESLEK = "öğretmen şoför aşçı çiftçi müdür kuaför doktor terzi çoban gazeteci öğrenci işçi fırıncı bahçıvan balıkçı demirci yönetmen dişçi boyacı müzisyen hemşire savcı kasap sütçü kâtip".split()
DIGER = "bugün dün yarın çok biraz sonra gitti geldi yedi aldı gördü için ile ve ama bir bu şu orada hemen yine sordu sevdi bekledi".split()
TAGS = ["O", "YEMEK", "SEHIR", "MESLEK"]
GROUPS = [DIGER, YEMEK, SEHIR, MESLEK]
DIM = 20


def write_vectors(path):
    centre = np.random.randn(4, DIM)
    with open(path, "w", encoding="iso-8859-9") as f:
        for g, words in enumerate(GROUPS):
            for w in words:
                v = centre[g] + 1.2 * np.random.randn(DIM)
                f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")


def load_vectors(path):
    table = {}
    # fault:
    with open(path, encoding="utf-8", errors="ignore") as f:
    # mended:
    # with open(path, encoding="iso-8859-9") as f:
    # end
        for line in f:
            p = line.rstrip("\n").split(" ")
            table[p[0]] = np.array(p[1:], dtype=np.float32)
    return table


write_vectors("vektorler.txt")
vec = load_vectors("vektorler.txt")

seen = [g[: len(g) * 3 // 5] for g in GROUPS]


def sentence(groups):
    n = random.randint(4, 10)
    tags = random.choices(range(4), weights=[4, 2, 2, 2], k=n)
    return [random.choice(groups[t]) for t in tags], tags


train = [sentence(seen) for _ in range(1500)]
dev = [sentence(GROUPS) for _ in range(300)]

words = ["<pad>", "<unk>"] + sorted({w for s, _ in train + dev for w in s} & set(vec))
idx = {w: i for i, w in enumerate(words)}
M = np.zeros((len(words), DIM), dtype=np.float32)
for w, i in idx.items():
    if w in vec:
        M[i] = vec[w]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(M), freeze=True, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.gru = nn.GRU(DIM, 24, bidirectional=True)
        self.out = nn.Linear(48, 4)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.drop(self.emb(x)), lens, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0])
        return self.out(h)


def tensorise(rows):
    lens = torch.tensor([len(s) for s, _ in rows])
    x = nn.utils.rnn.pad_sequence([torch.tensor([idx.get(w, 1) for w in s]) for s, _ in rows])
    y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in rows], padding_value=-100)
    return x, y, lens


model = Tagger()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
lossf = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(6):
    random.shuffle(train)
    model.train()
    total = 0
    for i in range(0, len(train), 30):
        x, y, lens = tensorise(train[i:i + 30])
        loss = lossf(model(x, lens).flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, y, lens = tensorise(dev)
        keep = y != -100
        acc = (model(x, lens).argmax(-1)[keep] == y[keep]).float().mean().item()
    print(f"{epoch + 1}. tur  kayıp {total / (len(train) / 30):.3f}  geliştirme doğruluğu {acc:.3f}")
