"""Find duplicate offers: titles of two sellers for one product, one shared encoder, in-batch negatives."""
import torch, random
import torch.nn as nn
import torch.nn.functional as F

random.seed(0); torch.manual_seed(0)
TEMP = 0.01
COLORS = "red blue green black white grey brown pink".split()
THINGS = "shirt jacket shoes lamp desk sofa kettle mug bike tent rug clock".split()
STUFF = "cotton wool steel oak plastic leather glass linen".split()
ALIAS = {"shirt": "tee", "jacket": "coat", "shoes": "sneakers", "lamp": "light", "desk": "table", "sofa": "couch",
         "kettle": "boiler", "mug": "cup", "bike": "bicycle", "tent": "shelter", "rug": "carpet", "clock": "watch"}
JUNK = "cheap new best for home sale with free delivery quality".split()

combos = [(c, t, s) for c in COLORS for t in THINGS for s in STUFF]
random.shuffle(combos)

def pair(c, t, s):
    q = [c, ALIAS[t] if random.random() < .6 else t, s] + random.sample(JUNK, 1)
    p = [t, c, s] + random.sample(JUNK, random.randint(1, 2))
    random.shuffle(q)
    return q, p

train = [pair(*c) for c in combos[:600]]
test = [pair(*c) for c in combos[600:]]
vocab = {w: i for i, w in enumerate(sorted({w for q, p in train for w in q + p}))}

def bag(texts):
    ids = [[vocab[w] for w in t if w in vocab] for t in texts]
    off = [0]
    for x in ids[:-1]: off.append(off[-1] + len(x))
    return torch.tensor(sum(ids, [])), torch.tensor(off)

class Tower(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.e = nn.EmbeddingBag(len(vocab), d, mode="mean")
        self.l = nn.Linear(d, d)
    def forward(self, b):
        return F.normalize(self.l(self.e(*b)), dim=-1)

enc = Tower()
opt = torch.optim.Adam(enc.parameters(), lr=2e-3)

def info_nce(a, b):
    sim = a @ b.t() / TEMP
    # fault:
    e = torch.exp(sim)
    return -torch.log(e.diag() / e.sum(dim=1)).mean()
    # mended:
    # return F.cross_entropy(sim, torch.arange(len(sim)))
    # end

for epoch in range(8):
    enc.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, 600, 50):
        b = train[i:i + 50]
        loss = info_nce(enc(bag([q for q, _ in b])), enc(bag([p for _, p in b])))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    enc.eval()
    with torch.no_grad():
        s = enc(bag([q for q, _ in test])) @ enc(bag([p for _, p in test])).t()
        top1 = (s.argmax(1) == torch.arange(len(s))).float().mean()
    print(f"epoch {epoch:2d} loss {tot / 12:.4f}  recall@1 of {len(s)}: {top1:.3f}")
