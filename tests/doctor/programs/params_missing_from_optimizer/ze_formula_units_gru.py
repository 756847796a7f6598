# Lab 6: check of dimensions -- a line of "pseudo code" is read token by token by a GRU,
# and the physical unit of the result has to be told.   (A. N. Other, TU, 2nd year)
import torch, random
from torch import nn, optim

random.seed(1)
torch.manual_seed(1)

# powers of metre and second of each quantity; names are arbitrary
QUANT = {"x": (1, 0), "y": (1, 0), "len": (1, 0), "r": (1, 0), "t": (0, 1), "tau": (0, 1), "dt": (0, 1),
         "c": (0, 0), "k": (0, 0), "pi": (0, 0), "eta": (0, 0), "one": (0, 0)}
CLASSES = ["length", "time", "number"]
TOK = ["<pad>", "times", "per", "plus", "("] + sorted(QUANT)
ID = {t: i for i, t in enumerate(TOK)}


def line():
    """a sum of products with plain numbers; it carries one unit, hidden among the factors"""
    unit = random.choice([(1, 0), (0, 1), (0, 0)])
    core = [q for q, u in QUANT.items() if u == unit]
    plain = [q for q, u in QUANT.items() if u == (0, 0)]
    toks = []
    for _ in range(random.randint(1, 2)):
        fac = [random.choice(core)] + random.choices(plain, k=random.randint(0, 2))
        random.shuffle(fac)
        for i, f in enumerate(fac):
            toks += ([random.choice(["times", "("])] if i else []) + [f]
        toks.append("plus")
    return toks[:-1], [(1, 0), (0, 1), (0, 0)].index(unit)


def tensors(rows):
    lens = torch.tensor([len(t) for t, _ in rows])
    X = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        X[i, :len(t)] = torch.tensor([ID[w] for w in t])
    return X, lens, torch.tensor([y for _, y in rows])


class Reader(nn.Module):
    def __init__(self, dim=3, hid=12):
        super().__init__()
        self.E = nn.Embedding(len(TOK), dim, padding_idx=0)
        self.gru = nn.GRU(dim, hid, batch_first=True)

    def forward(self, X, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.E(X), lens, batch_first=True, enforce_sorted=False)
        return self.gru(p)[1][0]


reader = Reader()
judge = nn.Linear(12, len(CLASSES))
# fault:
optimizer = optim.Adam(judge.parameters(), lr=0.01)
# mended:
# optimizer = optim.Adam([*reader.parameters(), *judge.parameters()], lr=0.01)
# end
nll = nn.CrossEntropyLoss()

train = [line() for _ in range(1500)]
known = {tuple(t) for t, _ in train}
test = [r for r in (line() for _ in range(900)) if tuple(r[0]) not in known]
Xt, lt, yt = tensors(test)
print(len(train), "training lines,", len(test), "test lines")
for epoch in range(6):
    random.shuffle(train)
    s = 0.0
    for i in range(0, len(train), 30):
        X, l, y = tensors(train[i:i + 30])
        optimizer.zero_grad()
        loss = nll(judge(reader(X, l)), y)
        loss.backward()
        optimizer.step()
        s += loss.item()
    with torch.no_grad():
        out = judge(reader(Xt, lt)).argmax(1)
    per = ["%s %.2f" % (c, (out[yt == j] == j).float().mean()) for j, c in enumerate(CLASSES)]
    print("epoch %d  loss %.3f  test acc %.3f  " % (epoch, s / 50, (out == yt).float().mean()), ", ".join(per))
