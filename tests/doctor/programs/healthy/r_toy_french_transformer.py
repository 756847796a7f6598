"""English -> French noun phrases and short clauses; a tiny nn.Transformer with shared, tied target embedding.

The grammar is made up here: gender agreement, adjectives that move behind the noun.
"""
import itertools, math, random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)
NOUNS = {"car": ("voiture", "f"), "dog": ("chien", "m"), "house": ("maison", "f"), "book": ("livre", "m"),
         "table": ("table", "f"), "cat": ("chat", "m"), "flower": ("fleur", "f"), "garden": ("jardin", "m"),
         "door": ("porte", "f"), "bird": ("oiseau", "m")}
ADJ = {"green": ("vert", "verte"), "black": ("noir", "noire"), "heavy": ("lourd", "lourde"), "blue": ("bleu", "bleue"),
       "round": ("rond", "ronde")}
BEFORE = {"small": ("petit", "petite"), "big": ("grand", "grande"), "pretty": ("joli", "jolie")}
VERBS = {"sees": "voit", "has": "a", "wants": "veut", "finds": "trouve", "paints": "peint"}
SUBJ = {"he": "il", "she": "elle", "mary": "marie", "paul": "paul"}
DET = {"the": ("le", "la"), "a": ("un", "une")}

corpus = []
for s, v, d, a, n in itertools.product(SUBJ, VERBS, DET, list(ADJ) + list(BEFORE), NOUNS):
    fr, g = NOUNS[n]
    g = int(g == "f")
    if a in ADJ:
        tail = [DET[d][g], fr, ADJ[a][g]]
    else:
        tail = [DET[d][g], BEFORE[a][g], fr]
    corpus.append(([s, v, d, a, n], [SUBJ[s], VERBS[v]] + tail))
random.shuffle(corpus)
train, valid = corpus[:1700], corpus[1700:2000]

en = {w: i for i, w in enumerate(sorted({w for e, _ in corpus for w in e}))}
fr = {w: i for i, w in enumerate(["<s>", "</s>"] + sorted({w for _, f in corpus for w in f}))}
SRC = {k: torch.tensor([[en[w] for w in e] for e, _ in d]) for k, d in (("train", train), ("valid", valid))}
TGT = {k: torch.tensor([[0] + [fr[w] for w in f] + [1] for _, f in d]) for k, d in (("train", train), ("valid", valid))}
# every sentence has five words on both sides, so there is nothing to pad


class Model(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.d = d
        self.src = nn.Embedding(len(en), d)
        self.tgt = nn.Embedding(len(fr), d)
        self.pos = nn.Parameter(torch.randn(8, d) * 0.1)
        for e in (self.src, self.tgt):
            nn.init.normal_(e.weight, std=d ** -0.5)
        self.core = nn.Transformer(d, 4, 1, 1, 64, dropout=0.0, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(len(fr)))

    def forward(self, s, t):
        x = self.src(s) * math.sqrt(self.d) + self.pos[: s.shape[1]]
        y = self.tgt(t) * math.sqrt(self.d) + self.pos[: t.shape[1]]
        causal = nn.Transformer.generate_square_subsequent_mask(t.shape[1])
        return self.core(x, y, tgt_mask=causal) @ self.tgt.weight.T + self.bias

    @torch.no_grad()
    def translate(self, s):
        out = torch.zeros(len(s), 1, dtype=torch.long)
        while out.shape[1] < 8 and not (out == 1).any(1).all():
            out = torch.cat([out, self(s, out)[:, -1:].argmax(-1)], 1)
        return out


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98))
EPOCHS, B = 5, 50
steps = EPOCHS * len(train) // B
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 5e-3, total_steps=steps, pct_start=0.2)
for epoch in range(EPOCHS):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(train)).split(B):
        s, t = SRC["train"][idx], TGT["train"][idx]
        logits = model(s, t[:, :-1])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), t[:, 1:])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item() * len(idx)
    model.eval()
    hyp = model.translate(SRC["valid"])[:, :7]
    hyp = nn.functional.pad(hyp, (0, 7 - hyp.shape[1]), value=1)
    exact = (hyp == TGT["valid"]).all(1).float().mean().item()
    with torch.no_grad():
        v = nn.functional.cross_entropy(model(SRC["valid"], TGT["valid"][:, :-1]).transpose(1, 2), TGT["valid"][:, 1:]).item()
    print(f"epoch {epoch + 1} train loss {tot / len(train):.4f} valid loss {v:.4f} exact translations {exact:.3f}")
back = {i: w for w, i in fr.items()}
for (e, f), h in list(zip(valid, hyp.tolist()))[:3]:
    print(" ".join(e), "=>", " ".join(back[i] for i in h[1:-1]))
