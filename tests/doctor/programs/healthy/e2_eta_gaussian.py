# Courier ETA from the address line: predicts mean and variance (hours / 10). Negative NLL is fine: densities exceed 1.
# A gradient penalty keeps the mean smooth in the address representation.
import math, random, torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(21); torch.manual_seed(21)
ORTE = {o: 0.15 + 0.07 * i for i, o in enumerate(["Köln", "Bonn", "Aachen", "Düren", "Siegen", "Hagen", "Essen", "Moers", "Kleve", "Trier"])}
TEIL = {"Mitte": 0.0, "Nord": .06, "Süd": .04, "Ost": .09, "West": .02, "Hafen": .12}
ART = {"straße": 0.0, "weg": .03, "gasse": .08, "allee": .01, "platz": .05}
STAMM = ["Linden", "Rosen", "Berg", "Kirch", "Schul", "Garten", "Bahnhof", "Ufer", "Markt", "Wald"]


def zeile():
    o, t, a = random.choice(list(ORTE)), random.choice(list(TEIL)), random.choice(list(ART))
    etage = random.randint(0, 6)
    nr = random.randint(1, 180)
    mu = ORTE[o] + TEIL[t] + ART[a] + 0.015 * etage
    sd = 0.012 if t != "Hafen" else 0.05
    text = [random.choice(STAMM), a, str(nr // 20), "Etage%d" % etage, o, t]
    if random.random() < .3:
        text.append("Hinterhaus"); mu += .03
    return (*text, nr), random.gauss(mu, sd)


class Adressen(Dataset):
    def __init__(self, rows, stoi):
        self.rows, self.stoi = rows, stoi
    def __len__(self):
        return len(self.rows)
    def __getitem__(self, i):
        toks, y = self.rows[i]
        return torch.tensor([self.stoi[w] for w in toks]), y


def collate(b):
    xs, ys = zip(*b)
    return {"ids": torch.cat(xs), "offsets": torch.tensor([0] + [len(x) for x in xs[:-1]]).cumsum(0), "y": torch.tensor(ys)}


rows, seen = [], set()
while len(rows) < 7000:
    (*t, nr), y = zeile()
    k = tuple(t)
    if k in seen:
        continue
    seen.add(k); rows.append((k, y))
stoi = {}
for t, _ in rows:
    for w in t:
        stoi.setdefault(w, len(stoi))
train, dev = rows[:6000], rows[6000:]


class Eta(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(stoi), 24, mode="sum")
        nn.init.normal_(self.emb.weight, std=.15)
        self.h = nn.Sequential(nn.Tanh(), nn.Linear(24, 32), nn.Tanh())
        self.mu, self.lv = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, b):
        e = self.emb(b["ids"], b["offsets"])
        h = self.h(e)
        return e, self.mu(h).squeeze(-1), nn.functional.softplus(self.lv(h).squeeze(-1)) + 1e-5


net = Eta()
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
dl = DataLoader(Adressen(train, stoi), 128, shuffle=True, collate_fn=collate)
vl = DataLoader(Adressen(dev, stoi), 500, collate_fn=collate)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12 * len(dl))
m = sum(y for _, y in train) / len(train)
base = sum(abs(y - m) for _, y in dev) / len(dev)
for ep in range(12):
    net.train(); s = n = 0
    for b in dl:
        e, mu, var = net(b)
        slope, = torch.autograd.grad(mu.sum(), e, create_graph=True)
        loss = nll(mu, b["y"], var) + 0.02 * slope.square().sum(1).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step(); sched.step()
        s += loss.item(); n += 1
    net.eval()
    with torch.no_grad():
        mae = cov = 0
        for b in vl:
            _, mu, var = net(b)
            mae += (mu - b["y"]).abs().sum().item()
            cov += ((mu - b["y"]).abs() < 1.96 * var.sqrt()).sum().item()
    print(f"ep {ep:2d}  nll {s / n:+.3f}  dev MAE {mae / len(dev):.4f} (mean predictor {base:.4f})  95% interval covers {cov / len(dev):.3f}")
