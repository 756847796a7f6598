"""Aynı adres mi?  Decide whether two Turkish address lines mean the same place (siamese char CNN)."""
import random
import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)
STREETS = ["Atatürk", "İstiklal", "Cumhuriyet", "Bağdat", "Gazi", "Menekşe", "Çınar", "Lale", "Şehitler", "Yıldız",
           "Karanfil", "Zafer", "Fatih", "Güneş", "Barış"]
TOWNS = ["Kadıköy", "Beşiktaş", "Çankaya", "Bornova", "Üsküdar", "Şişli", "Nilüfer", "Muratpaşa"]


def place():
    return random.choice(STREETS), random.choice(["Cad", "Sok", "Bul"]), random.choice(TOWNS)


FULL = {"Cad": "Caddesi", "Sok": "Sokağı", "Bul": "Bulvarı"}


def write(p):
    s, k, t = p
    kind = random.choice([k + ".", k, FULL[k]])
    no = random.choice(["No:", "No ", "no."]) + str(random.randint(1, 99))
    out = random.choice([f"{s} {kind} {no} {t}", f"{t}, {s} {kind} {no}", f"{s} {kind} {t}"])
    return out.lower() if random.random() < 0.3 else out


def pair():
    p = place()
    if random.random() < 0.5:
        return write(p), write(p), 1.0
    q = list(p)
    if random.random() < 0.7:
        q[0] = random.choice([s for s in STREETS if s != p[0]])
    else:
        q[2] = random.choice([t for t in TOWNS if t != p[2]])
    return write(p), write(tuple(q)), 0.0


rows = sorted({pair() for _ in range(6400)})
random.shuffle(rows)
rows = rows[:5200]
chars = {c: i + 1 for i, c in enumerate(sorted({c for a, b, _ in rows for c in a + b}))}
L = 44


def enc(texts):
    t = torch.zeros(len(texts), L, dtype=torch.long)
    for i, s in enumerate(texts):
        s = s[:L]
        t[i, :len(s)] = torch.tensor([chars[c] for c in s])
    return t


A, B = enc([r[0] for r in rows]), enc([r[1] for r in rows])
Y = torch.tensor([[r[2]] for r in rows])
tr, va = slice(0, 4500), slice(4500, None)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, 20, padding_idx=0)
        self.conv = nn.Conv1d(20, 80, 4)
        self.mix = nn.Sequential(
            nn.Linear(160, 64), nn.ReLU(),
            # fault:
            nn.Linear(64, 1), nn.Softmax(dim=1))
            # mended:
            # nn.Linear(64, 1), nn.Sigmoid())
            # end

    def side(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        live = (x[:, 3:] > 0).unsqueeze(1).float()
        return (h * live).amax(2)

    def forward(self, a, b):
        u, v = self.side(a), self.side(b)
        return self.mix(torch.cat([(u - v).abs(), u * v], 1))


net, crit = Siamese(), nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(5):
    net.train()
    perm = torch.randperm(4500)
    s = 0.0
    for i in range(0, 4500, 60):
        j = perm[i:i + 60]
        loss = crit(net(A[tr][j], B[tr][j]), Y[tr][j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 75
    net.eval()
    with torch.no_grad():
        acc = ((net(A[va], B[va]) > 0.5).float() == Y[va]).float().mean()
    print(f"epoch {epoch + 1} loss {s:.4f} val_acc {acc:.4f}")
