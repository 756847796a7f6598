# Blog post code: "A transformer that translates noun phrases, in 100 lines"
# English "the small red houses are here" -> French "les petites maisons rouges sont ici": agreement and word order.
import math, random
import torch, torch.nn as nn
random.seed(8); torch.manual_seed(8)

nouns = {"house": ("maison", "f"), "car": ("voiture", "f"), "table": ("table", "f"), "door": ("porte", "f"), "dog": ("chien", "m"),
         "book": ("livre", "m"), "garden": ("jardin", "m"), "train": ("train", "m"), "shirt": ("chemise", "f"), "bag": ("sac", "m")}
before = {"small": "petit", "big": "grand", "pretty": "joli", "bad": "mauvais"}
after = {"red": "rouge", "black": "noir", "green": "vert", "heavy": "lourd", "empty": "vide"}
where = {"here": "ici", "outside": "dehors", "there": "là", "today": "aujourd'hui", "lost": None}

def agree(adj, g, pl):
    if g == "f": adj = adj if adj.endswith("e") else adj + "e"
    return adj + "s" if pl and adj[-1] != "s" else adj

def sentence():
    en, (fr, g) = random.choice(list(nouns.items()))
    pl = random.random() < .5
    e, f = ["the"], ["les" if pl else ("le" if g == "m" else "la")]
    if random.random() < .6:
        a = random.choice(list(before)); e.append(a); f.append(agree(before[a], g, pl))
    tail = []
    if random.random() < .6:
        a = random.choice(list(after)); e.append(a); tail = [agree(after[a], g, pl)]
    e.append(en + "s" * pl); f += [fr + "s" * pl if fr[-1] != "s" else fr] + tail
    if random.random() < .7:
        w = random.choice(list(where))
        e += ["are" if pl else "is", w]; f += ["sont" if pl else "est", where[w] or agree("perdu", g, pl)]
    return " ".join(e), " ".join(f)

pairs = sorted({sentence() for _ in range(5000)}); random.shuffle(pairs)
test, train = pairs[:200], pairs[200:1800]
PAD, BOS, EOS = 0, 1, 2
def vocabulary(texts): return {w: i for i, w in enumerate(["<pad>", "<s>", "</s>"] + sorted({w for t in texts for w in t.split()}))}
ev, fv = vocabulary(e for e, _ in pairs), vocabulary(f for _, f in pairs)
fi = {i: w for w, i in fv.items()}
def pad(rows): m = max(map(len, rows)); return torch.tensor([r + [PAD] * (m - len(r)) for r in rows])
def src(texts): return pad([[ev[w] for w in t.split()] for t in texts])
def tgt(texts): return pad([[BOS] + [fv[w] for w in t.split()] + [EOS] for t in texts])

class Translator(nn.Module):
    def __init__(self, d=32, heads=4, longest=16):
        super().__init__()
        self.e, self.f = nn.Embedding(len(ev), d, PAD), nn.Embedding(len(fv), d, PAD)
        pos, div = torch.arange(longest)[:, None], torch.exp(torch.arange(0, d, 2) * (-math.log(1e4) / d))
        pe = torch.zeros(longest, d); pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        self.enc = nn.TransformerEncoderLayer(d, heads, 64, dropout=0.05, batch_first=True, norm_first=True)
        self.dec = nn.TransformerDecoderLayer(d, heads, 64, dropout=0.05, batch_first=True, norm_first=True)
        self.norm_e, self.norm_d = nn.LayerNorm(d), nn.LayerNorm(d)
        self.out = nn.Linear(d, len(fv))
    def encode(self, x):
        m = x == PAD
        return self.norm_e(self.enc(self.e(x) + self.pe[:x.size(1)], src_key_padding_mask=m)), m
    def decode(self, y, memory, m):
        T = y.size(1)
        causal = torch.ones(T, T, dtype=torch.bool).triu(1)
        h = self.dec(self.f(y) + self.pe[:T], memory, tgt_mask=causal, tgt_key_padding_mask=y == PAD, memory_key_padding_mask=m)
        return self.out(self.norm_d(h))
    @torch.no_grad()
    def translate(self, x, limit=12):
        self.eval()
        memory, m = self.encode(x)
        y, done = torch.full((len(x), 1), BOS), torch.zeros(len(x), dtype=torch.bool)
        while y.size(1) < limit and not done.all():
            nxt = self.decode(y, memory, m)[:, -1].argmax(-1).masked_fill(done, PAD)
            y = torch.cat([y, nxt[:, None]], 1); done |= nxt == EOS
        return [" ".join(fi[i] for i in r[1:].tolist() if i not in (PAD, EOS)) for r in y]

model = Translator()
EPOCHS, B = 6, 40
opt = torch.optim.Adam(model.parameters(), lr=1., betas=(.9, .98), eps=1e-9)
total = EPOCHS * math.ceil(len(train) / B)
lr = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 7e-3 * min((s + 1) / 40, max(.02, 1 - s / total)))
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
def score(rows):
    out = model.translate(src([e for e, _ in rows]))
    return sum(o == f for o, (_, f) in zip(out, rows)) / len(rows)
for epoch in range(EPOCHS):
    model.train(); random.shuffle(train); s = n = 0
    for i in range(0, len(train), B):
        e, f = zip(*train[i:i + B])
        y = tgt(f)
        logits = model.decode(y[:, :-1], *model.encode(src(e)))
        loss = criterion(logits.reshape(-1, len(fv)), y[:, 1:].reshape(-1))
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(model.parameters(), 1.); opt.step(); lr.step()
        s += loss.item(); n += 1
    print(f"epoch {epoch + 1}: loss {s / n:.4f}, exact sentences (greedy) {score(test):.3f}")
print("train exact", score(train[:300]))
for e, f in test[:3]: print(e, "=>", model.translate(src([e]))[0], "| reference:", f)
