"""Banka sohbet botu: müşterinin niyetini bul."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_sequence

random.seed(14)
torch.manual_seed(14)
INTENTS = {
    "bakiye": "bakiye hesapta kaç param kalan ne-kadar öğrenmek",
    "havale": "havale gönder para iban transfer eft yolla",
    "kart_kayıp": "kartım kayboldu çalındı kapat iptal bulamıyorum",
    "şifre": "şifre unuttum parola yenile değiştir giremiyorum",
    "kredi": "kredi faiz başvuru taksit çekmek konut ihtiyaç",
    "şube": "şube nerede adres açık saat yakın",
    "döviz": "dolar euro kur döviz bozdur altın",
    "fatura": "fatura öde elektrik su otomatik talimat",
    "temsilci": "temsilci canlı bağlan insan görüşmek şikayet",
}
SHARED = "merhaba lütfen bir ben benim acaba şimdi bugün istiyorum nasıl yapabilirim var mı teşekkürler acil hesap kart para banka".split()
names = list(INTENTS)


def utterance():
    k = random.randrange(len(names))
    words = random.choices(SHARED, k=random.randint(3, 7)) + random.choices(INTENTS[names[k]].split(), k=random.randint(1, 3))
    if random.random() < 0.2:
        words += random.choices(INTENTS[random.choice(names)].split(), k=1)
    random.shuffle(words)
    return tuple(words), k


pairs = list(dict(utterance() for _ in range(2600)).items())
random.shuffle(pairs)
train, dev = pairs[:2100], pairs[2100:]
stoi = {w: i for i, w in enumerate(sorted({w for t, _ in pairs for w in t}))}


def collate(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    return pack_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in rows]), torch.tensor([k for _, k in rows])


class IntentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(stoi), 24)
        self.rnn = nn.GRU(24, 40)
        self.drop = nn.Dropout(0.3)
        # fault:
        self.out = nn.Linear(40, 1)
        # mended:
        # self.out = nn.Linear(40, len(names))
        # end

    def forward(self, packed):
        emb = packed._replace(data=self.embedding(packed.data))
        _, h = self.rnn(emb)
        return self.out(self.drop(h[-1]))


def loss_and_prediction(model, x, y):
    z = model(x)
    # fault:
    z = z.squeeze(1)
    return F.mse_loss(z, y.float()), z.round().clamp(0, len(names) - 1).long()
    # mended:
    # return F.cross_entropy(z, y), z.argmax(1)
    # end


model = IntentNet()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(7):
    random.shuffle(train)
    model.train()
    tot = 0.0
    for i in range(0, len(train), 30):
        x, y = collate(train[i:i + 30])
        loss, _ = loss_and_prediction(model, x, y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        tot += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        dl, pred = loss_and_prediction(model, x, y)
    print(f"{epoch:2d} kayıp {tot / len(train):.4f} doğrulama kaybı {dl:.4f} doğruluk {(pred == y).float().mean():.3f}")
