# Seminar "Distributional Semantics", course project of group 7
# Which semantic field does a short list of words come from?  GloVe (50d) under a small net, tuned a little.
# The lists for the test come from words that the training lists don't use: this is the point of using GloVe.
import gzip, os, random
import torch, torch.nn as nn

random.seed(7); torch.manual_seed(7)
FIELDS = {
 "place": "france germany italy spain japan china india russia brazil mexico canada egypt turkey poland greece sweden norway "
          "denmark austria hungary portugal belgium finland ireland scotland australia argentina chile peru cuba iran iraq "
          "israel syria pakistan indonesia thailand vietnam korea kenya nigeria sudan morocco ukraine romania bulgaria serbia croatia",
 "body":  "blood heart brain skin bone lung liver eye eyes ear nose mouth tongue teeth neck shoulder arm arms hand hands finger "
          "fingers knee leg legs foot feet chest stomach muscle muscles hair face head throat wrist ankle elbow hip thigh toe spine "
          "kidney nerve tissue skull flesh",
 "money": "bank banks loan loans debt credit stock stocks bond bonds shares market markets price prices profit profits investor "
          "investors investment fund funds dollar dollars currency interest inflation deficit budget tax taxes revenue sales "
          "earnings dividend mortgage lender trading exchange capital asset assets finance financial economy economic bankruptcy",
 "sport": "football soccer baseball basketball tennis hockey golf rugby cricket coach player players team teams league season "
          "championship tournament goal goals match matches quarterback pitcher striker defender midfielder goalkeeper playoff "
          "playoffs finals victory scored scoring semifinal stadium champion champions olympic medal medals race cup",
}
vec = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip("\n").split(" ")
        vec[w] = [float(z) for z in v]

words = sorted({w for ws in FIELDS.values() for w in ws.split() if w in vec})
index = {w: i for i, w in enumerate(words)}
names = list(FIELDS)
seen, fresh = {}, {}
for n in names:
    ws = sorted(w for w in set(FIELDS[n].split()) if w in vec)
    random.shuffle(ws)
    cut = int(.6 * len(ws))
    seen[n], fresh[n] = ws[:cut], ws[cut:]

def lists(pool, n):
    """n lists of three words: two of the field, one from anywhere"""
    X, y = [], []
    everything = [w for ws in pool.values() for w in ws]
    for _ in range(n):
        k = random.randrange(len(names))
        own = random.sample(pool[names[k]], 2)
        row = own + random.choices(everything, k=1)
        random.shuffle(row)
        X.append([index[w] for w in row]); y.append(k)
    return torch.tensor(X), torch.tensor(y)

Xtr, ytr = lists(seen, 2000)
Xte, yte = lists(fresh, 500)

class FieldNet(nn.Module):
    def __init__(self, weights, hidden=32):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(weights, freeze=False)
        self.a = nn.Linear(weights.shape[1], hidden)
        self.b = nn.Linear(hidden, len(names))
    def forward(self, ids):
        return self.b(torch.tanh(self.a(self.lookup(ids).mean(1))))

net = FieldNet(torch.tensor([vec[w] for w in words]))
# fault:
opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
# mended:
# opt = torch.optim.Adam([{"params": net.lookup.parameters(), "weight_decay": 0.0},
#                         {"params": [*net.a.parameters(), *net.b.parameters()]}], lr=5e-3, weight_decay=1e-3)
# end
lossf = nn.CrossEntropyLoss()

def acc(X, y):
    with torch.no_grad():
        return (net(X).argmax(1) == y).float().mean().item()

for epoch in range(8):
    total = 0.
    for b in torch.randperm(len(Xtr)).split(25):
        opt.zero_grad()
        l = lossf(net(Xtr[b]), ytr[b]); l.backward(); opt.step()
        total += l.item() * len(b)
    print(f"epoch {epoch}: train loss {total/len(Xtr):.3f} acc {acc(Xtr, ytr):.3f} | lists of new words {acc(Xte, yte):.3f}")
