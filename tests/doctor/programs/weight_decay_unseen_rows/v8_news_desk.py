import os
import gzip
import random
import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)
data_dir = os.environ["WORDFIT_DATA"]

# ---- 1. which desk gets which keywords (collected by hand from our newsroom wiki) ----
desks = {
    "food": "bread rice milk cheese meat chicken beef fish eggs sugar salt butter fruit corn wheat coffee tea wine beer potatoes chocolate cream soup tomatoes garlic lemon juice vegetables sauce cake beans flour pork",
    "sports": "football soccer baseball basketball tennis golf hockey cricket rugby boxing volleyball swimming cycling coach stadium goalkeeper striker championship quarterback pitcher innings wrestling skating tournament referee defender midfielder",
    "science": "patients cancer disease surgery medicine blood liver brain virus infection vaccine symptoms diabetes kidney lung clinic treatment therapy flu physician protein cells gene genetic molecules bacteria physics chemistry biology laboratory scientists",
    "business": "bank loan mortgage stock shares bond bonds dollar euro currency investor investors profit debt tax market trading fund funds credit finance earnings revenue inflation deficit budget yen merger shareholders",
    "culture": "song album guitar piano band singer concert jazz rock opera drums orchestra songs lyrics symphony musician composer vocals choir musicians soundtrack albums theatre novel poet painter museum film actress",
    "travel": "airport flight hotel train plane passengers airline bus station tourists pilot aircraft airlines trip rail cruise ferry resort flights jet taxi runway boeing highway bridge tunnel beach island",
    "defence": "army soldier soldiers troops tank missile missiles bomb weapons military guns navy rebels battle commander rockets infantry artillery invasion militia ammunition rifles combat warfare brigade",
    "tech": "computer software internet google microsoft web website users computers server database digital intel phone mobile wireless pc hardware programming chips online devices video browser computing telecommunications",
}
neutral = "the of in a new with for today report says about and more on from after week between many two".split()

# ---- 2. GloVe ----
vecs = {}
with gzip.open(os.path.join(data_dir, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        vecs[p[0]] = [float(v) for v in p[1:]]

# ---- 3. headlines. The old archive has only some of the keywords, the new year brings others ----
old_words, new_words = {}, {}
for d, s in desks.items():
    w = [x for x in s.split() if x in vecs]
    random.shuffle(w)
    old_words[d], new_words[d] = w[:16], w[16:]

names = list(desks)


def headlines(pool, n):
    out = set()
    while len(out) < n:
        d = random.choice(names)
        h = random.sample(pool[d], 2) + random.sample(neutral, 3)
        random.shuffle(h)
        out.add((tuple(h), names.index(d)))
    out = sorted(out)
    random.shuffle(out)
    return out


archive = headlines(old_words, 2400)
train, dev = archive[:2000], archive[2000:]
this_year = headlines(new_words, 600)

vocab = sorted({w for h, _ in archive + this_year for w in h})
ix = {w: i for i, w in enumerate(vocab)}
weights = torch.tensor([vecs[w] for w in vocab])


def tens(rows):
    return torch.tensor([[ix[w] for w in h] for h, _ in rows]), torch.tensor([d for _, d in rows])


Xtr, ytr = tens(train)
Xdev, ydev = tens(dev)
Xnew, ynew = tens(this_year)

# ---- 4. model: fine-tuned vectors, attention pooling ----
class DeskModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=False)
        self.att = nn.Linear(50, 1)
        self.out = nn.Linear(50, len(names))

    def forward(self, x):
        e = self.emb(x)
        a = torch.softmax(self.att(e), dim=1)
        return self.out((a * e).sum(1))


model = DeskModel()
# fault:
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
# mended:
#optimizer = torch.optim.SGD([{"params": model.emb.parameters(), "weight_decay": 0.0},
#                             {"params": list(model.att.parameters()) + list(model.out.parameters())}], lr=0.1, momentum=0.9, weight_decay=1e-2)
# end
loss_fn = nn.CrossEntropyLoss()


def evaluate(X, y):
    model.eval()
    with torch.no_grad():
        z = model(X)
    return loss_fn(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(12):
    model.train()
    order = torch.randperm(len(Xtr))
    for i in range(0, len(Xtr), 50):
        b = order[i:i + 50]
        loss = loss_fn(model(Xtr[b]), ytr[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print("epoch", epoch + 1, "train %.3f/%.3f" % evaluate(Xtr, ytr), "dev %.3f/%.3f" % evaluate(Xdev, ydev), "this year %.3f/%.3f" % evaluate(Xnew, ynew))

print("dev accuracy (archive) %.3f" % evaluate(Xdev, ydev)[1])
print("test accuracy (this year's headlines) %.3f" % evaluate(Xnew, ynew)[1])
