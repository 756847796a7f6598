"""Film türleri: bir özetin birden çok türü olabilir. Kelime vektörleri rastgele ve sabit (reservoir), yalnızca üst katmanlar öğrenir."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(111)
torch.manual_seed(111)
GENRES = {
    "korku": "hayalet mezar çığlık karanlık lanet kan gece", "komedi": "şaka düğün komik yanlışlık kahkaha sakar",
    "aşk": "aşk öpücük mektup kalp ayrılık sevgili", "savaş": "asker cephe tank siper general barış",
    "uzay": "gezegen gemi robot astronot galaksi uzaylı", "suç": "cinayet dedektif soygun mafya ipucu polis",
    "aile": "çocuk anne kardeş köpek okul tatil", "tarih": "sultan saray imparator kılıç yüzyıl isyan",
}
COMMON = "bir adam kadın genç yeni hayat şehir ve ile sonra önce büyük küçük yol gün her ama çok ister bulur gider döner karar verir".split()
names = list(GENRES)
words = COMMON + [w for g in GENRES.values() for w in g.split()]
index = {w: i for i, w in enumerate(words)}


def plot():
    gs = random.sample(range(len(names)), random.choices([1, 2, 3], [0.4, 0.4, 0.2])[0])
    ws = random.choices(COMMON, k=random.randint(8, 16))
    for g in gs:
        ws += random.choices(GENRES[names[g]].split(), k=random.randint(2, 3))
    if random.random() < 0.25:
        ws.append(random.choice(words))
    random.shuffle(ws)
    return tuple(ws), tuple(sorted(gs))


plots = list(dict(plot() for _ in range(3400)).items())
train, dev = plots[:2800], plots[2800:]


def collate(rows):
    ids = torch.tensor([index[w] for ws, _ in rows for w in ws])
    offsets = torch.tensor([0] + [len(ws) for ws, _ in rows[:-1]]).cumsum(0)
    y = torch.zeros(len(rows), len(names))
    for i, (_, gs) in enumerate(rows):
        y[i, list(gs)] = 1.0
    return ids, offsets, y


class Reservoir(nn.Module):
    def __init__(self, d=128):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(torch.randn(len(words), d) / 3, mode="sum", freeze=True)
        self.norm = nn.LayerNorm(d)
        self.net = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(names)))

    def forward(self, ids, offsets):
        return self.net(self.norm(self.words(ids, offsets)))


model = Reservoir()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
print(sum(p.numel() for p in model.parameters() if p.requires_grad), "of", sum(p.numel() for p in model.parameters()), "parameters are trained")
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
EPOCHS = 12
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=EPOCHS * len(loader))
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for ids, offsets, y in loader:
        soft = y * 0.9 + 0.03                                      # smoothed targets
        loss = F.binary_cross_entropy_with_logits(model(ids, offsets), soft, reduction="none").sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        ids, offsets, y = collate(dev)
        pred = (model(ids, offsets) > 0).float()
    f1 = 2 * (pred * y).sum() / (pred.sum() + y.sum())
    print(f"tur {epoch + 1:2d} kayıp {total / len(loader):.3f} mikro-F1 {f1:.3f} tam isabet {(pred == y).all(1).float().mean():.3f}")
