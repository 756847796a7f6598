"""address_parser/train.py - label every token of a postal address (street, number, postcode, city, name, other).

Transformer encoder over token shapes and words; settings follow the configuration of the large model.
"""
import random
from types import SimpleNamespace

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR

TAGS = ["NAME", "STREET", "NUMBER", "POSTCODE", "CITY", "OTHER"]
IGNORE = -100
args = SimpleNamespace(
    d_model=48, nhead=4, layers=2, dim_ff=96, dropout=0.1,
    batch_size=32, max_steps=420, peak_lr=2e-3, log_every=60, seed=31,
    # fault:
    warmup_steps=100_000,
    # mended:
    # warmup_steps=60,
    # end
)
random.seed(args.seed)
torch.manual_seed(args.seed)

FIRST = "anna paul mia jonas emre leyla otto ida karl nina elif max".split()
LAST = "weber schulz kaya lang demir braun vogel stein aydin koch".split()
STREETS = "linden bahnhof garten schul berg haupt ring mühlen kirch wiesen birken markt".split()
SUFFIX = ["straße", "weg", "allee", "platz", "gasse", "str."]
CITIES = "hamburg köln bremen ulm kiel jena trier mainz bonn gera worms halle".split()
EXTRA = ["z.hd.", "c/o", "postfach", "hinterhaus", "etage", "firma", "deutschland", "bei"]


def address(rnd):
    toks = []
    if rnd.random() < 0.8:
        toks += [(rnd.choice(FIRST), "NAME"), (rnd.choice(LAST), "NAME")]
    if rnd.random() < 0.4:
        toks += [(rnd.choice(EXTRA), "OTHER")]
        if toks[-1][0] in ("postfach", "etage"):
            toks += [(str(rnd.randint(1, 999)), "OTHER")]
    street = [(rnd.choice(STREETS + CITIES) + rnd.choice(SUFFIX), "STREET")] if rnd.random() < 0.6 else \
             [(rnd.choice(FIRST), "STREET"), (rnd.choice(LAST), "STREET"), (rnd.choice(SUFFIX), "STREET")]
    street += [(str(rnd.randint(1, 220)), "NUMBER")]
    town = [("%05d" % rnd.randint(1000, 99999), "POSTCODE"), (rnd.choice(CITIES), "CITY")]
    toks += street + town if rnd.random() < 0.8 else town + street
    return [t for t, _ in toks], [TAGS.index(g) for _, g in toks]


def shape(tok):
    if tok.isdigit():
        return "#" * len(tok)
    return "abc." if tok.endswith(".") else "x" + tok[-3:]


rnd = random.Random(2)
train = [address(rnd) for _ in range(3000)]
dev = [address(rnd) for _ in range(400)]
words = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train for w in t if not w.isdigit()}))}
shapes = {s: i + 2 for i, s in enumerate(sorted({shape(w) for t, _ in train for w in t}))}


def collate(rows):
    n = max(len(t) for t, _ in rows)
    w, s, y = (torch.full((len(rows), n), v, dtype=torch.long) for v in (0, 0, IGNORE))
    for i, (toks, tags) in enumerate(rows):
        w[i, :len(toks)] = torch.tensor([words.get(t, 1) for t in toks])
        s[i, :len(toks)] = torch.tensor([shapes.get(shape(t), 1) for t in toks])
        y[i, :len(toks)] = torch.tensor(tags)
    return w, s, y


class Parser(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.word = nn.Embedding(len(words) + 2, a.d_model, padding_idx=0)
        self.shape = nn.Embedding(len(shapes) + 2, a.d_model, padding_idx=0)
        self.pos = nn.Embedding(24, a.d_model)
        layer = nn.TransformerEncoderLayer(a.d_model, a.nhead, a.dim_ff, a.dropout, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, a.layers, norm=nn.LayerNorm(a.d_model), enable_nested_tensor=False)
        self.tag = nn.Linear(a.d_model, len(TAGS))

    def forward(self, w, s):
        h = self.word(w) + self.shape(s) + self.pos(torch.arange(w.size(1)))
        return self.tag(self.body(h, src_key_padding_mask=w == 0))


class Trainer:
    def __init__(self, model, a):
        self.model, self.a = model, a
        self.opt = torch.optim.AdamW(model.parameters(), lr=a.peak_lr, betas=(0.9, 0.98), weight_decay=0.01)
        self.sched = LambdaLR(self.opt, self.factor)

    def factor(self, step):
        return min(1.0, (step + 1) / self.a.warmup_steps)

    def stream(self):
        while True:
            random.shuffle(train)
            for i in range(0, len(train) - self.a.batch_size + 1, self.a.batch_size):
                yield collate(train[i:i + self.a.batch_size])

    def fit(self):
        stream, running = self.stream(), 0.0
        for step in range(1, self.a.max_steps + 1):
            self.model.train()
            w, s, y = next(stream)
            logits = self.model(w, s)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=IGNORE)
            self.opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            self.sched.step()
            running += loss.item()
            if step % self.a.log_every == 0:
                print(f"step {step} loss {running / self.a.log_every:.4f} token acc {self.score():.4f}")
                running = 0.0

    @torch.no_grad()
    def score(self):
        self.model.eval()
        w, s, y = collate(dev)
        keep = y != IGNORE
        return (self.model(w, s).argmax(-1)[keep] == y[keep]).float().mean().item()


Trainer(Parser(args), args).fit()
