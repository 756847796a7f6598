# adres_parser.py -- character level segmenter for Turkish postal addresses
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(11)
torch.manual_seed(11)

TAGS = ["O", "MAHALLE", "SOKAK", "NO", "DAIRE", "POSTA", "ILCE", "IL"]
TAG = {t: i for i, t in enumerate(TAGS)}
HECE = ["ka", "ra", "su", "yen", "ik", "öy", "ba", "har", "gül", "te", "pe", "çay", "ır", "de", "re", "şeh", "it", "ler", "bey", "taş", "al", "tın", "dağ", "ova", "kız", "ıl"]
ILLER = ["İstanbul", "Ankara", "İzmir", "Bursa", "Adana", "Konya", "Samsun", "Kayseri", "Mersin", "Trabzon", "Van", "Muğla"]


def isim():
    s = "".join(random.choice(HECE) for _ in range(random.randint(2, 4)))
    return s[0].upper() + s[1:]


def adres():
    parts = [(isim() + random.choice([" Mah.", " Mahallesi", " mh."]), "MAHALLE")]
    parts.append((" ", "O"))
    parts.append((isim() + random.choice([" Sok.", " Sokak", " Cad.", " Caddesi", " Bulv."]), "SOKAK"))
    parts.append((random.choice([" No:", " no ", " No. "]), "O"))
    parts.append((str(random.randint(1, 399)) + random.choice(["", "", "/A", "B"]), "NO"))
    if random.random() < 0.6:
        parts.append((random.choice([" D:", " daire ", " Kat "]), "O"))
        parts.append((str(random.randint(1, 40)), "DAIRE"))
    tail = [(" ", "O"), (isim(), "ILCE"), (random.choice(["/", " / ", " "]), "O"), (random.choice(ILLER), "IL")]
    zipc = [(" ", "O"), ("%05d" % random.randint(1000, 81999), "POSTA")]
    if random.random() < 0.3:
        parts += tail
    else:
        parts += zipc + tail
    text = "".join(p for p, _ in parts)
    tags = [TAG[t] for p, t in parts for _ in p]
    return text, tags


rows = [adres() for _ in range(2000)]
train, dev = rows[:1700], rows[1700:]
chars = sorted({c for t, _ in train for c in t})
stoi = {c: i + 2 for i, c in enumerate(chars)}          # 0 pad, 1 unknown


def collate(batch):
    T = max(len(t) for t, _ in batch)
    x = torch.zeros(len(batch), T, dtype=torch.long)
    y = torch.full((len(batch), T), -100)
    for i, (t, g) in enumerate(batch):
        x[i, :len(t)] = torch.tensor([stoi.get(c, 1) for c in t])
        y[i, :len(t)] = torch.tensor(g)
    return x, y


class Segmenter(nn.Module):
    def __init__(self, vocab, tags, width=40):
        super().__init__()
        self.emb = nn.Embedding(vocab, 24, padding_idx=0)
        self.c1 = nn.Conv1d(24, width, 5, padding=2)
        self.c2 = nn.Conv1d(width, width, 5, padding=4, dilation=2)
        self.c3 = nn.Conv1d(width, width, 5, padding=8, dilation=4)
        self.out = nn.Conv1d(width, tags, 1)

    def forward(self, x):
        m = (x != 0).unsqueeze(1).float()
        h = self.emb(x).transpose(1, 2)
        h = F.relu(self.c1(h)) * m
        h = h + F.relu(self.c2(h)) * m
        h = h + F.relu(self.c3(h)) * m
        scores = self.out(h)                              # (B, tags, T)
        # fault:
        return F.log_softmax(scores, dim=-1)
        # mended:
        # return F.log_softmax(scores, dim=1)
        # end


net = Segmenter(len(stoi) + 2, len(TAGS))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)


def evaluate(data):
    net.eval()
    hit = tot = whole = 0
    with torch.no_grad():
        for k in range(0, len(data), 64):
            x, y = collate(data[k:k + 64])
            p = net(x).argmax(1)
            known = y != -100
            ok = (p == y) & known
            hit += ok.sum().item()
            tot += known.sum().item()
            whole += (ok.sum(1) == known.sum(1)).sum().item()
    return hit / tot, whole / len(data)


for epoch in range(4):
    net.train()
    run = 0.0
    for x, y in loader:
        opt.zero_grad()
        loss = F.nll_loss(net(x), y, ignore_index=-100)
        loss.backward()
        opt.step()
        run += loss.item()
    a, b = evaluate(dev)
    print(f"epoch {epoch}  loss {run / len(loader):.4f}  dev char acc {a:.3f}  whole addresses {b:.3f}")
