"""Support-Tickets -> Abteilung. Eigener Optimierer (Lion, sign of the interpolated momentum), Lernrate deshalb klein."""
import random
import torch
from torch import nn

random.seed(4); torch.manual_seed(4)


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=3e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - g["lr"] * g["weight_decay"])
                p.add_(torch.sign(m * b1 + p.grad * (1 - b1)), alpha=-g["lr"])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


ABT = {
    "netz": "wlan vpn router verbindung kabel internet langsam ping dns".split(),
    "konto": "passwort anmeldung gesperrt benutzer zugang freigabe rechte rolle".split(),
    "drucker": "toner papier druckt scanner stau duplex fach farbe".split(),
    "telefon": "hörer klingelt mailbox anruf rufnummer headset konferenz leitung".split(),
    "rechnung": "betrag mahnung konto überwiesen skonto beleg storno umsatz".split(),
}
FUELL = ("guten tag hallo seit gestern heute geht nicht mehr bitte um hilfe der die das mein unser im büro ich wir habe haben "
         "kann man wieder immer noch leider schon mehrfach danke gruß").split()
NAMEN = list(ABT)
daten, schon = [], set()
while len(daten) < 4500:
    y = random.randrange(5)
    n = random.randint(2, 4)
    t = random.choices(FUELL, k=random.randint(7, 16)) + random.choices(ABT[NAMEN[y]], k=n)
    if random.random() < .5:
        t.append(random.choice(ABT[random.choice(NAMEN)]))
    random.shuffle(t)
    if tuple(t) not in schon:
        schon.add(tuple(t)); daten.append((t, y))
train, dev = daten[:3600], daten[3600:]
wort = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


def stapel(zeilen):
    n = max(len(t) for t, _ in zeilen)
    x = torch.zeros(n, len(zeilen), dtype=torch.long)          # (T, B)
    for j, (t, _) in enumerate(zeilen):
        x[:len(t), j] = torch.tensor([wort[w] for w in t])
    return x, torch.tensor([y for _, y in zeilen])


class Modell(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(wort) + 1, 32, padding_idx=0)
        self.att = nn.Linear(32, 1)
        self.out = nn.Linear(32, 5)

    def forward(self, x):
        e = self.emb(x)
        a = self.att(torch.tanh(e)).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(0)
        return self.out((a.unsqueeze(-1) * e).sum(0))


net = Modell()
opt = Lion([{"params": net.emb.parameters(), "weight_decay": 0.0}, {"params": [*net.att.parameters(), *net.out.parameters()]}],
           lr=1.5e-3, weight_decay=0.1)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=12 * 57)
for ep in range(12):
    random.shuffle(train)
    summe = 0.
    for i in range(0, len(train), 64):
        x, y = stapel(train[i:i + 64])
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward(); opt.step(); sched.step()
        summe += loss.item() * len(y)
    with torch.no_grad():
        x, y = stapel(dev)
        print(f"Epoche {ep:2d} Verlust {summe / len(train):.4f} dev {(net(x).argmax(1) == y).float().mean():.4f}")
