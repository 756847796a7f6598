# removal firm: which room does a box come from?  packing lists + GloVe, low-tech
import gzip
import os
import random
import re

import torch

random.seed(21)
torch.manual_seed(21)

ROOMS = {
    "kitchen": "butter bread salt cheese sugar coffee tea cups plates bottle bottles bowl knife pan meat fish rice soup "
               "oven beer wine milk cream garlic sauce glasses fruit vegetables chicken chocolate juice potatoes beans",
    "office": "computer computers printer laptop software paper papers documents pen files desk phone phones keyboard "
              "calendar folder envelope magazines newspapers books disk notebook letters telephone camera screen monitor",
    "bedroom": "shirt shirts dress dresses shoes jacket jackets pants jeans coat coats socks boots suits hat hats underwear "
               "clothes clothing skirt bed blanket pillow mattress mirror jewelry silk cotton leather uniforms costume",
    "garage": "car tires wheels engine engines bike bicycle motorcycle brakes battery tank pump fuel truck vehicle "
              "tools steel pipe pipes cable wheel gear oil gas motor trailer wire rope helmet tractor",
    "nursery": "toys toy doll dolls baby babies puppet games puzzle cartoon bear teddy crib balloon diapers "
               "stories candy kids ball bunny costumes comics",
}
ADJ = "old new small large broken good several two three five some many little big heavy cheap spare own used other".split()


def read_vectors():
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for row in f:
            word, _, rest = row.partition(" ")
            out[word] = rest
    return out


glove = read_vectors()
NOUNS = {r: [w for w in ws.split() if w in glove] for r, ws in ROOMS.items()}
# nouns of the second list are only ever seen in the boxes that we score
half = {r: (random.sample(ws, int(len(ws) * .7)), ws) for r, ws in NOUNS.items()}


def box(new):
    room = random.choice(list(ROOMS))
    stock = half[room][1] if new else half[room][0]
    things = []
    for w in random.sample(stock, random.randint(3, 5)):
        if random.random() < .2:
            other = random.choice(list(ROOMS))
            w = random.choice(half[other][1 if new else 0])
        things.append(w)
    parts = [f"{random.choice(ADJ)} {w}" if random.random() < .8 else f"{random.choice(ADJ)} {random.choice(ADJ)} {w}" for w in things]
    return ", ".join(parts[:-1]) + f", and {parts[-1]}.", room


def boxes(n, new, ban=()):
    out = {}
    while len(out) < n:
        t, r = box(new)
        if t not in ban:
            out[t] = r
    return out


train = boxes(2500, new=False)
check = boxes(700, new=True, ban=train)


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    #return re.findall(r"\w+|[^\w\s]", text.lower())
    # end


index = {"<none>": 0}
for text in list(train) + list(check):
    for tok in tokenize(text):
        index.setdefault(tok, len(index))
table = torch.zeros(len(index), 50)
for tok, i in index.items():
    if tok in glove:
        table[i] = torch.tensor([float(v) for v in glove[tok].split()])
rooms = list(ROOMS)


def numbers(data):
    rows = [[index[t] for t in tokenize(text)] for text in data]
    width = max(len(r) for r in rows)
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
    return ids, torch.tensor([rooms.index(r) for r in data.values()])


def fresh(i, o):
    return (torch.randn(i, o) * (2 / i) ** .5).requires_grad_(), torch.zeros(o, requires_grad=True)


W1, b1 = fresh(50, 64)
W2, b2 = fresh(64, len(rooms))


def scores(ids):
    # vectors stay as they are; each token goes through a small layer, the strongest answers count
    h = torch.relu(table[ids] @ W1 + b1) * (ids > 0).unsqueeze(-1)
    return (h.sum(1) / (ids > 0).sum(1, keepdim=True)) @ W2 + b2


xt, yt = numbers(train)
xc, yc = numbers(check)
opt = torch.optim.AdamW([W1, b1, W2, b2], lr=3e-3, weight_decay=1e-2)
for epoch in range(20):
    for b in torch.randperm(len(xt)).split(50):
        loss = torch.nn.functional.cross_entropy(scores(xt[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            a, c = scores(xt), scores(xc)
            print("epoch %2d | train %.3f acc %.3f | check %.3f acc %.3f" % (
                epoch + 1, torch.nn.functional.cross_entropy(a, yt), (a.argmax(1) == yt).float().mean(),
                torch.nn.functional.cross_entropy(c, yc), (c.argmax(1) == yc).float().mean()))
