# Gebrauchtwagen: Preis aus dem Anzeigentext schätzen (log-Preis, standardisiert)
import math, random
import torch, torch.nn as nn

random.seed(9); torch.manual_seed(9)

MODELLE = {"polo": 9.2, "golf": 9.6, "passat": 9.9, "up": 8.8, "corsa": 9.0, "astra": 9.3, "insignia": 9.8, "fiesta": 8.9, "focus": 9.3,
           "panda": 8.6, "octavia": 9.7, "a3": 10.0, "a6": 10.4, "320d": 10.2, "520i": 10.6, "911": 11.6, "twingo": 8.5, "clio": 8.9, "yaris": 9.1, "zoe": 9.4}
ZUSTAND = {"unfallfrei": .1, "scheckheftgepflegt": .15, "bastlerfahrzeug": -1.1, "motorschaden": -1.3, "neuwertig": .5, "jahreswagen": .6, "garagenwagen": .15,
           "rost": -.5, "getriebeschaden": -.9, "tüv-fällig": -.3, "vollausstattung": .3, "leder": .1, "navi": .05, "export": -.6, "oldtimer": .9}
FUELL = "verkaufe schöner wagen top zustand privat nur abholung preis vhb erste zweite hand nichtraucher winterreifen sommerreifen anrufe ab abends bitte farbe blau rot silber schwarz klima".split()
ALTER = {f"bj{j}": (j - 2015) * .09 for j in range(1998, 2025)}

def anzeige():
    m = random.choice(list(MODELLE)); bj = random.choice(list(ALTER)); zs = random.sample(list(ZUSTAND), random.choice([0, 1, 1, 2]))
    words = [m, bj] + zs + random.choices(FUELL, k=random.randint(3, 12))
    random.shuffle(words)
    y = MODELLE[m] + ALTER[bj] + sum(ZUSTAND[z] for z in zs) + random.gauss(0, .12)
    return words, y

rows = [anzeige() for _ in range(4000)]
train, test = rows[:3400], rows[3400:]
vocab = {"<pad>": 0, **{w: i + 1 for i, w in enumerate(sorted({w for r, _ in train for w in r}))}}
L = max(len(r) for r, _ in rows)
def tensors(rs):
    x = torch.zeros(len(rs), L, dtype=torch.long)
    for i, (r, _) in enumerate(rs):
        x[i, :len(r)] = torch.tensor([vocab[w] for w in r if w in vocab])
    return x, torch.tensor([y for _, y in rs])
xt, yt = tensors(train); xv, yv = tensors(test)
mean, std = yt.mean(), yt.std()
zt = (yt - mean) / std

class Preis(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.gate = nn.Linear(32, 1)
        self.mlp = nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, 1))
    def forward(self, x):
        e = self.emb(x); m = (x > 0).unsqueeze(-1)
        return self.mlp((e * torch.sigmoid(self.gate(e)) * m).sum(1)).squeeze(-1)

model = Preis()
opt = torch.optim.AdamW([{"params": model.emb.parameters(), "lr": 4e-3}, {"params": [*model.gate.parameters(), *model.mlp.parameters()], "lr": 2e-3}], weight_decay=0.0)
STEPS, BS = 600, 64
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=[4e-3, 2e-3], total_steps=STEPS)
it = iter(())
for step in range(1, STEPS + 1):
    try:
        b = next(it)
    except StopIteration:
        it = iter(torch.randperm(len(xt)).split(BS)); b = next(it)
    err = (model(xt[b]) - zt[b]) ** 2
    # fault:
    loss = err.clamp(0, 0.25).mean()
    # mended:
    # loss = err.mean()
    # end
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    if step % 100 == 0:
        with torch.no_grad():
            p = model(xv) * std + mean
            r2 = 1 - ((p - yv) ** 2).sum() / ((yv - yv.mean()) ** 2).sum()
            mape = ((p - yv).exp() - 1).abs().mean()
        print(f"step {step}: loss {loss.item():.4f}  test R2 {r2:.3f}  mean price error {mape:.1%}")
