import random
import torch
import torch.nn as nn

random.seed(64); torch.manual_seed(64)

# word vectors of a small domain: three families of compound names
fam = {y: [f"{a}{b}" for a in p for b in ("ol", "ane", "ite", "ide", "yl", "ase", "ine", "ium")] for y, p in
       enumerate((["meth", "eth", "prop", "but"], ["calc", "dolom", "quartz", "mica"], ["amyl", "lip", "prote", "pept"]))}
fill = "sample of was found in the with and at high low mixed heated for minutes then cooled result shows trace".split()
mu = torch.randn(3, 40) * 0.4
vec = {w: torch.randn(40) * 0.35 + mu[y] for y in fam for w in fam[y]}
vec.update({w: torch.randn(40) * 0.4 for w in fill})
itos = ["<pad>"] + sorted(vec)
stoi = {w: i for i, w in enumerate(itos)}
W = torch.stack([torch.zeros(40)] + [vec[w] for w in itos[1:]])

def report(y, part):
    t = random.choices(fill, k=random.randint(4, 14))
    for w in random.choices(fam[y][part], k=3): t.insert(random.randrange(len(t)), w)
    return t

train = [(report(i % 3, slice(0, 14)), i % 3) for i in range(270)]
dev = [(report(i % 3, slice(10, 32)), i % 3) for i in range(300)]

class LabNet(nn.Module):
    def __init__(self, W):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.gru = nn.GRU(40, 24, batch_first=True)
        self.out = nn.Linear(24, 3)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.lookup(x), n, batch_first=True, enforce_sorted=False)
        return self.out(self.gru(p)[1][0])

net = LabNet(W)
# fault:
for p in net.parameters():
    if p.dim() > 1:
        nn.init.xavier_uniform_(p)
# mended:
# for p in net.parameters():
#     if p.dim() > 1 and p is not net.lookup.weight:
#         nn.init.xavier_uniform_(p)
# end

def tb(rows):
    n = [len(t) for t, _ in rows]
    x = torch.zeros(len(rows), max(n), dtype=torch.long)
    for i, (t, _) in enumerate(rows): x[i, :n[i]] = torch.tensor([stoi[w] for w in t])
    return x, torch.tensor(n), torch.tensor([y for _, y in rows])

opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=8e-3)
for epoch in range(9):
    random.shuffle(train); s = 0
    for i in range(0, 270, 18):
        x, n, y = tb(train[i:i+18])
        loss = nn.functional.cross_entropy(net(x, n), y)
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item() / 15
    with torch.no_grad():
        x, n, y = tb(dev)
        print(f"ep {epoch}: {s:.3f} | dev acc {(net(x, n).argmax(1) == y).float().mean().item():.3f}")
