# Which course is it? Dish names of a Turkish restaurant guide, vectors trained on recipes by a colleague.
import io
import random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(8); random.seed(8); rs = np.random.RandomState(8)
COURSES = ["çorba", "kebap", "tatlı", "içecek", "salata"]
SYL = "kö şe ğı mü rü çı sa lı ta bö nü pi dö gö zü şı ya ğa ri me li".split()


def stem():
    return "".join(random.choice(SYL) for _ in range(random.choice((2, 3, 3, 4))))


lexicon = {}
while len(lexicon) < 700:
    lexicon[stem()] = random.randrange(5)
neutral = sorted({stem() for _ in range(300)} - set(lexicon))
centre = rs.randn(5, 20)
with io.open("yemek.vec", "w", encoding="utf-8") as out:
    for s in sorted(lexicon):
        out.write(s + " " + " ".join(map("{:.5f}".format, centre[lexicon[s]] * 0.7 + rs.randn(20))) + "\n")
    for s in neutral:
        out.write(s + " " + " ".join(map("{:.5f}".format, rs.randn(20))) + "\n")
by_course = [[s for s in lexicon if lexicon[s] == c] for c in range(5)]


def dish(c, words):
    parts = random.sample([w for w in by_course[c] if w in words], 2) + random.sample(neutral, random.randint(0, 3))
    random.shuffle(parts)
    return " ".join(parts)


known = set(random.sample(sorted(lexicon), 350))
train, seen = [], set()
for _ in range(1400):
    c = random.randrange(5)
    train.append((dish(c, known), c)); seen.add(train[-1][0])
dev = []
while len(dev) < 400:
    c = random.randrange(5)
    d = dish(c, set(lexicon))
    if d not in seen:
        dev.append((d, c))

# ---- vectors
# fault:
f = io.open("yemek.vec", encoding="cp1254", errors="replace")
# mended:
# f = io.open("yemek.vec", encoding="utf-8")
# end
stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(20), np.zeros(20)]
for line in f:
    p = line.rstrip("\n").split(" ")
    stoi[p[0]] = len(rows)
    rows.append(np.asarray(p[1:], dtype=np.float64))
W = torch.FloatTensor(np.array(rows))


def batchify(data):
    ids = [torch.tensor([stoi.get(w, 1) for w in t.split()]) for t, _ in data]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([c for _, c in data])


class Guide(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(W, padding_idx=0)
        self.h = nn.Linear(20, 40)
        self.o = nn.Linear(40, 5)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        v = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.o(torch.relu(self.h(v)))


net = Guide()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], 5e-3)
X, Y = batchify(train)
Xd, Yd = batchify(dev)
for ep in range(10):
    for b in torch.randperm(len(X)).split(32):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print("epoch", ep, "loss", round(loss.item(), 4), "dev accuracy", round((net(Xd).argmax(1) == Yd).float().mean().item(), 4))
