# Phrase-book English -> French with a GRU encoder-decoder (follow-up of the seq2seq tutorial).
# In the data "you" is rendered as "tu" or as "vous", as in the real Tatoeba dump.
import random
import torch
import torch.nn as nn

random.seed(4)
torch.manual_seed(4)
verbs = {"see": ("vois", "vois", "voyez"), "like": ("aime", "aimes", "aimez"), "have": ("ai", "as", "avez"),
         "eat": ("mange", "manges", "mangez"), "want": ("veux", "veux", "voulez"), "take": ("prends", "prends", "prenez"),
         "sell": ("vends", "vends", "vendez"), "look for": ("cherche", "cherches", "cherchez")}
nouns = {"dog": "le chien", "car": "la voiture", "bread": "le pain", "house": "la maison", "cake": "le gâteau",
         "key": "la clé", "book": "le livre", "chair": "la chaise"}
adjs = {"red": ("rouge", "rouge"), "green": ("vert", "verte"), "small": ("petit", "petite"), "big": ("grand", "grande"),
        "old": ("vieux", "vieille"), "black": ("noir", "noire")}


def np_pair(plain):
    n, a = random.choice(list(nouns)), random.choice(list(adjs))
    fr = nouns[n]
    if plain:
        return f"the {n}", fr
    return f"the {a} {n}", f"{fr} {adjs[a][fr.startswith('la')]}"


def clause(person, plain):
    v, (e1, f1) = random.choice(list(verbs)), np_pair(plain)
    return f"{['i', 'you', 'you'][person]} {v} {e1}", f"{['je', 'tu', 'vous'][person]} {verbs[v][person]} {f1}"


def pair():
    p, q = random.choice([0, 1, 2, 1, 2]), random.choice([1, 2])
    (e1, f1), (e2, f2) = clause(p, False), clause(q if p == 0 else p, True)
    return (e1 + " and " + e2).split(), (f1 + " et " + f2).split()


data = [pair() for _ in range(2500)]
train, test = data[:2200], data[2200:]
PAD, BOS, EOS = 0, 1, 2
vs = {w: i + 3 for i, w in enumerate(sorted({w for s, _ in train for w in s}))}
vt = {w: i + 3 for i, w in enumerate(sorted({w for _, t in train for w in t}))}
itot = {i: w for w, i in vt.items()}


def batch(rows):
    pad = lambda ls: nn.utils.rnn.pad_sequence([torch.tensor(l) for l in ls], batch_first=True)
    src = [[vs[w] for w in s] for s, _ in rows]
    return pad(src), torch.tensor([len(s) for s in src]), pad([[BOS] + [vt[w] for w in t] + [EOS] for _, t in rows])


class Seq2Seq(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.es, self.et = nn.Embedding(len(vs) + 3, 32, padding_idx=PAD), nn.Embedding(len(vt) + 3, 32, padding_idx=PAD)
        self.enc = nn.GRU(32, d // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(32, d, batch_first=True)
        self.mix, self.out = nn.Linear(2 * d, d), nn.Linear(d, len(vt) + 3)

    def encode(self, src, n):
        p = nn.utils.rnn.pack_padded_sequence(self.es(src), n, batch_first=True, enforce_sorted=False)
        mem, h = self.enc(p)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        return mem, torch.cat([h[0], h[1]], 1).unsqueeze(0)

    def step(self, prev, h, mem, src):
        q, h = self.dec(self.et(prev), h)
        w = (q @ mem.transpose(1, 2)).masked_fill((src == PAD).unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.tanh(self.mix(torch.cat([q, w @ mem], -1)))), h

    def forward(self, src, n, tgt):
        mem, h = self.encode(src, n)
        return self.step(tgt[:, :-1], h, mem, src)[0]

    @torch.no_grad()
    def translate(self, src, n, steps):
        mem, h = self.encode(src, n)
        y, out = torch.full((len(src), 1), BOS), []
        for _ in range(steps):
            logits, h = self.step(y, h, mem, src)
            y = logits.argmax(-1)
            out.append(y)
        return torch.cat(out, 1)


def evaluate(rows):
    model.eval()
    src, n, tgt = batch(rows)
    gold = tgt[:, 1:]
    with torch.no_grad():
        # fault:
        pred = model(src, n, tgt).argmax(-1)
        # mended:
        # pred = model.translate(src, n, gold.size(1))
        # end
    m = gold != PAD
    model.train()
    return (pred[m] == gold[m]).float().mean().item(), ((pred == gold) | ~m).all(1).float().mean().item(), pred


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=0.015)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.4)
for epoch in range(1, 6):
    total = 0.0
    for idx in torch.randperm(len(train)).split(50):
        src, n, tgt = batch([train[i] for i in idx])
        loss = nn.functional.cross_entropy(model(src, n, tgt).flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    sched.step()
    tok, sent, pred = evaluate(test)
    print(f"epoch {epoch} loss {total / 44:.3f}  test token accuracy {tok:.3f}  whole sentences {sent:.3f}")
for (s, t), p in list(zip(test, pred))[:3]:
    print(" ".join(s), "|", " ".join(itot.get(i, "") for i in p.tolist()))
