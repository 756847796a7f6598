"""Which programming language is a snippet?  Small transformer over code tokens, one-cycle schedule."""
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)
LANGS = ("python", "java", "sql", "bash", "c")
NAMES = ["total", "count", "row", "user", "item", "price", "name", "path", "buf", "idx", "tmp", "value"]


def snippet(lang):
    a, b, c = random.sample(NAMES, 3)
    k = str(random.randint(0, 9))
    return random.choice({
        "python": [f"for {a} in {b} : print ( {a} )", f"def {a} ( {b} ) : return {b} + {k}", f"{a} = [ {b} for {b} in {c} if {b} ]", f"if {a} is None : {b} = {k}"],
        "java": [f"for ( int {a} = {k} ; {a} < {b} ; {a} ++ ) {{ }}", f"public int {a} ( int {b} ) {{ return {b} + {k} ; }}", f"String {a} = {b} . get ( {k} ) ;", f"if ( {a} == null ) {{ {b} = {k} ; }}"],
        "sql": [f"select {a} from {b} where {c} = {k}", f"update {a} set {b} = {k} where {c} < {k} ;", f"select count ( {a} ) from {b} group by {c}", f"insert into {a} ( {b} ) values ( {k} ) ;"],
        "bash": [f"for {a} in $ {b} ; do echo $ {a} ; done", f"if [ - f $ {a} ] ; then {b} = {k} ; fi", f"{a} = $ ( cat {b} | wc - l )", f"export {a} = $ {b} ; echo {k}"],
        "c": [f"for ( int {a} = {k} ; {a} < {b} ; {a} ++ ) {c} += {a} ;", f"int {a} ( int * {b} ) {{ return * {b} + {k} ; }}", f"char * {a} = malloc ( {b} ) ;", f"if ( ! {a} ) {{ free ( {b} ) ; return {k} ; }}"],
    }[lang]).split()


def noisy(tokens):
    # clipped and blotted, as snippets in chats are
    s = random.randrange(0, 4)
    return [t if random.random() > 0.18 else "_" for t in tokens[s:s + 10]] or ["_"]


data = {}
for i, l in enumerate(LANGS):
    for _ in range(560):
        toks = noisy(snippet(l))
        data.setdefault(" ".join(toks), (toks, i))
data = list(data.values())
random.shuffle(data)
data = data[:2600]
vocab = {"<pad>": 0}
for toks, _ in data[:2200]:
    for t in toks:
        vocab.setdefault(t, len(vocab))
X = torch.zeros(len(data), 10, dtype=torch.long)
for i, (toks, _) in enumerate(data):
    X[i, :len(toks)] = torch.tensor([vocab.get(t, vocab["_"]) for t in toks])
Y = torch.tensor([l for _, l in data])


class Classifier(nn.Module):
    def __init__(self, v, d=32):
        super().__init__()
        self.tok = nn.Embedding(v, d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(1, 10, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Linear(d, len(LANGS))

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.tok(x) + self.pos, src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.cls(h)


EPOCHS, BS = 8, 50
net = Classifier(len(vocab))
steps = EPOCHS * (2200 // BS)
# fault:
PEAK = 1.0
# mended:
# PEAK = 5e-3
# end
opt = torch.optim.AdamW(net.parameters(), lr=PEAK / 25, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=PEAK, total_steps=steps)
for ep in range(EPOCHS):
    net.train()
    s = 0.0
    for b in torch.randperm(2200).split(BS):
        loss = F.cross_entropy(net(X[b]), Y[b], label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        s += loss.item() / 44
    net.eval()
    with torch.no_grad():
        acc = (net(X[2200:]).argmax(1) == Y[2200:]).float().mean().item()
    print(f"ep {ep} lr {sched.get_last_lr()[0]:.2e} loss {s:.3f} dev acc {acc:.3f}")
