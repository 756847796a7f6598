"""Ordnet Kleinanzeigen in Rubriken ein (sorts small ads). Vectors keep German spelling, nouns with capitals."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(77)
gen = torch.Generator().manual_seed(77)
torch.manual_seed(77)

rubriken = ["Möbel", "Garten", "Technik", "Kleidung"]
vorn = "Holz Garten Wand Tisch Eck Klapp Reise Leder Stahl Kinder Winter Sommer Hand Kunst Glas Metall".split()
hinten = "regal stuhl schere lampe kabel jacke hose mütze pumpe bank truhe sessel drucker hacke schirm".split()
nouns = [v + h for v in vorn for h in hinten]
rubrik_of = {n: hinten.index(next(h for h in hinten if n.endswith(h))) % 4 for n in nouns}
klein = "gut erhalten fast neu sehr günstig abzugeben wegen umzug kaum benutzt nur abholung leider ohne mit und".split()
base = torch.randn(4, 25, generator=gen)
with open("kleinanzeigen.25.vec", "w", encoding="utf8") as f:
    for n in nouns:
        v = base[rubrik_of[n]] + torch.randn(25, generator=gen)
        f.write(n + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
    for n in klein:
        f.write(n + " " + " ".join(f"{x:.4f}" for x in torch.randn(25, generator=gen).tolist()) + "\n")


def anzeige(pool):
    n = random.choice(pool)
    s = random.sample(klein, random.randint(2, 6))
    s.insert(random.randint(0, len(s)), n)
    s[0] = s[0][0].upper() + s[0][1:]
    return " ".join(s), rubrik_of[n]


random.shuffle(nouns)
train = [anzeige(nouns[:80]) for _ in range(900)]
test = [anzeige(nouns) for _ in range(300)]
test = [t for t in test if t not in train]


def tokenize(s):
    # fault:
    return s.lower().split()
    # mended:
    # words = s.split()
    # return [words[0] if words[0] in stoi else words[0].lower()] + words[1:]
    # end


stoi, vecs = {"<pad>": 0, "<unk>": 1}, [torch.zeros(25), torch.zeros(25)]
for line in open("kleinanzeigen.25.vec", encoding="utf8"):
    w, *v = line.split()
    stoi[w] = len(vecs)
    vecs.append(torch.tensor([float(a) for a in v]))
vecs = torch.stack(vecs)


def tensors(rows):
    x = torch.zeros(len(rows), 8, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids = [stoi.get(w, 1) for w in tokenize(s)]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


params = {"w1": torch.randn(25, 40) * 0.2, "b1": torch.zeros(40), "w2": torch.randn(40, 4) * 0.15, "b2": torch.zeros(4)}
for p in params.values():
    p.requires_grad_()


def forward(x):
    e = F.embedding(x, vecs)
    h = torch.tanh(e @ params["w1"] + params["b1"]).masked_fill((x == 0).unsqueeze(2), -2.0)
    return h.max(1).values @ params["w2"] + params["b2"]


opt = torch.optim.Adam(params.values(), lr=5e-3)
X, Y = tensors(train)
Xt, Yt = tensors(test)
for epoch in range(15):
    for b in torch.randperm(len(X)).split(30):
        loss = F.cross_entropy(forward(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"Epoche {epoch}: Verlust {loss.item():.4f}, Treffer {(forward(Xt).argmax(1) == Yt).float().mean().item():.4f}")
