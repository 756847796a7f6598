# 14:45 -> viertel vor drei nachmittags.  Time-major seq2seq, two GRUCells, no attention.
import random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)
STUNDE = "zwölf eins zwei drei vier fünf sechs sieben acht neun zehn elf".split()
ZAHL = "null eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn".split()


def sage(h, m):
    tag = "nachts morgens nachmittags abends".split()[h // 6]
    jetzt, gleich = STUNDE[h % 12], STUNDE[(h + 1) % 12]
    if m == 0:
        w = ["punkt", jetzt]
    elif m == 15:
        w = ["viertel", "nach", jetzt]
    elif m == 30:
        w = ["halb", gleich]
    elif m == 45:
        w = ["viertel", "vor", gleich]
    elif m < 15:
        w = [ZAHL[m], "nach", jetzt]
    elif m < 30:
        w = [ZAHL[30 - m], "vor", "halb", gleich]
    elif m < 45:
        w = [ZAHL[m - 30], "nach", "halb", gleich]
    else:
        w = [ZAHL[60 - m], "vor", gleich]
    return w + [tag]


alle = [(h, m) for h in range(24) for m in range(60)]
random.shuffle(alle)
train, dev = alle[:1200], alle[1200:]
woerter = ["<pad>", "<bos>", "<eos>"] + sorted({w for hm in alle for w in sage(*hm)})
w2i = {w: i for i, w in enumerate(woerter)}
LAENGE = 6                                             # longest phrase + <eos>


def tensoren(paare):
    src = torch.tensor([[int(c) for c in f"{h:02d}{m:02d}"] for h, m in paare]).t()      # (4, B)
    tgt = torch.zeros(LAENGE, len(paare), dtype=torch.long)
    for j, hm in enumerate(paare):
        ids = [w2i[w] for w in sage(*hm)] + [2]
        tgt[:len(ids), j] = torch.tensor(ids)
    return src, tgt


class Uhr(nn.Module):
    def __init__(self, h=80):
        super().__init__()
        self.h = h
        self.ziffer = nn.Embedding(40, 20)              # one table per position
        self.lesen = nn.GRUCell(20, h)
        self.wort = nn.Embedding(len(woerter), 24)
        self.sprechen = nn.GRUCell(24, h)
        self.aus = nn.Linear(h, len(woerter))

    def start(self, n):
        return torch.zeros(n, self.h)

    def forward(self, src, tgt=None):
        zustand = self.start(src.size(1))
        for t in range(src.size(0)):
            zustand = self.lesen(self.ziffer(src[t] + 10 * t), zustand)
        # fault:
        s = self.start(src.size(1))
        # mended:
        # s = zustand
        # end
        w = torch.ones(src.size(1), dtype=torch.long)
        logits = []
        for t in range(LAENGE):
            s = self.sprechen(self.wort(w), s)
            logits.append(self.aus(s))
            w = tgt[t] if tgt is not None else logits[-1].argmax(-1)
        return torch.stack(logits)


def genau(model, src, tgt):
    with torch.no_grad():
        hyp = model(src).argmax(-1)
    return ((hyp == tgt) | (tgt == 0)).all(0).float().mean().item()


model = Uhr()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
src, tgt = tensoren(train)
dsrc, dtgt = tensoren(dev)
for epoche in range(1, 25):
    summe = 0.0
    for b in torch.randperm(src.size(1)).split(48):
        z = model(src[:, b], tgt[:, b])
        loss = nn.functional.cross_entropy(z.flatten(0, 1), tgt[:, b].flatten(), ignore_index=0)
        opt.zero_grad()
        loss.backward()
        opt.step()
        summe += loss.item()
    for g in opt.param_groups:
        g["lr"] *= 0.93
    if epoche % 3 == 0:
        print(f"Epoche {epoche}: Verlust {summe / 25:.4f}, ganz richtig (dev) {genau(model, dsrc, dtgt):.3f}")
