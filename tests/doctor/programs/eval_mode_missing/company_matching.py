"""Company name matching: encode dirty names and clean names with one tower, find the right clean name by cosine (recall@1)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(41)
torch.manual_seed(41)
SYL = "ba be bo da de di fa ga go ka ko la le li lo ma me mi mo na ne no pa po ra re ri ro sa se si so ta te ti to va ve vi zu".split()
FORM = ["gmbh", "ag", "ltd", "inc", "kg", "sarl", "co", "as"]


def clean():
    return "".join(random.choices(SYL, k=random.randint(2, 4))) + " " + "".join(random.choices(SYL, k=random.randint(1, 3))) + " " + random.choice(FORM)


def dirty(s):
    s = list(s)
    for _ in range(random.randint(2, 4)):
        i = random.randrange(len(s))
        k = random.random()
        if k < 0.35:
            s[i] = random.choice("abcdefghijklmnopqrstuvwxyz")
        elif k < 0.7 and len(s) > 6:
            del s[i]
        else:
            s.insert(i, random.choice("aeiounrst "))
    s = "".join(s)
    return " ".join(reversed(s.split())) if random.random() < 0.3 else s


names = list({clean() for _ in range(2400)})
train, dev = names[:1800], names[1800:2300]
B = 2048


def grams(s):
    s = f"#{s}#"
    return sorted({hash_(s[i:i + n]) for n in (2, 3) for i in range(len(s) - n + 1)})


def hash_(g):
    h = 7
    for c in g:
        h = (h * 131 + ord(c)) % 1000003
    return h % B


def bags(texts):
    ids, off = [], []
    for t in texts:
        off.append(len(ids))
        ids += grams(t)
    return torch.tensor(ids), torch.tensor(off)


class Tower(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.EmbeddingBag(B, d, mode="sum")
        self.net = nn.Sequential(nn.BatchNorm1d(d), nn.Dropout(0.5), nn.Linear(d, d))

    def forward(self, texts):
        return F.normalize(self.net(self.emb(*bags(texts))), dim=-1)


def recall(model, names):
    random.seed(99)
    queries = [dirty(n) for n in names]
    # fault:
    # mended:
    # model.eval()
    # end
    with torch.no_grad():
        q = torch.cat([model(queries[i:i + 10]) for i in range(0, len(queries), 10)])
        c = torch.cat([model(names[i:i + 100]) for i in range(0, len(names), 100)])
    return ((q @ c.T).argmax(1) == torch.arange(len(names))).float().mean().item()


model = Tower()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    model.train()
    random.seed(1000 + epoch)
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 60):
        n = train[i:i + 60]
        sim = model([dirty(s) for s in n]) @ model(n).T / 0.1
        loss = F.cross_entropy(sim, torch.arange(len(n)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1:2d} loss {total / (len(train) / 60):.3f} recall@1 {recall(model, dev):.3f}")
