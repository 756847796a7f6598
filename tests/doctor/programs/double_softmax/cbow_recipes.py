# CBOW on ingredient lists -- my own word2vec, full softmax since the vocabulary is small
import random
import numpy as np
import torch
from torch import nn

SEED = 3
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

CUISINES = {
    "italian": "basil mozzarella tomato pasta parmesan oregano prosciutto ricotta gnocchi pesto balsamico polenta pancetta fennel",
    "indian": "turmeric garam-masala paneer ghee cardamom lentils naan coriander cumin curry-leaf tamarind chickpea okra fenugreek",
    "japanese": "miso dashi nori soy-sauce mirin wasabi tofu soba udon sake edamame panko shiitake matcha",
    "mexican": "tortilla jalapeno avocado cilantro black-beans chipotle lime queso masa salsa poblano epazote mole corn",
    "french": "butter shallot thyme cream brie tarragon baguette mustard leek cognac creme-fraiche chervil duck truffle",
    "turkish": "yogurt bulgur sumac pomegranate lamb eggplant phyllo pistachio tahini parsley kasar pul-biber mint dolma",
    "baking": "flour sugar vanilla yeast cocoa egg baking-powder icing molasses nutmeg oats raisins walnut buttermilk",
    "drinks": "gin vermouth bitters ice tonic rum cola soda grenadine tequila vodka campari syrup orange-peel",
}
COMMON = "salt pepper oil water onion garlic".split()
cuisine_of = {w: c for c, ws in CUISINES.items() for w in ws.split()}
words = COMMON + list(cuisine_of)
w2i = {w: i for i, w in enumerate(words)}
V = len(words)


def recipe():
    c = random.choice(list(CUISINES))
    pool = CUISINES[c].split()
    items = random.sample(pool, random.randint(6, 9)) + random.sample(COMMON, 2)
    random.shuffle(items)
    return [w2i[w] for w in items]


recipes = list({tuple(recipe()) for _ in range(1800)})
random.shuffle(recipes)
split = int(0.85 * len(recipes))


def windows(rs, k=2):
    ctx, tgt = [], []
    for r in rs:
        for i in range(k, len(r) - k):
            ctx.append(list(r[i - k:i]) + list(r[i + 1:i + k + 1]))
            tgt.append(r[i])
    return torch.tensor(ctx), torch.tensor(tgt)


train_ctx, train_tgt = windows(recipes[:split])
dev_ctx, dev_tgt = windows(recipes[split:])


class CBOW(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.vectors = nn.Embedding(v, d)
        self.head = nn.Linear(d, v)
        # fault:
        self.act = nn.Softmax(dim=-1)
        # mended:
        # self.act = nn.Identity()
        # end

    def forward(self, ctx):
        return self.act(self.head(self.vectors(ctx).mean(1)))


model = CBOW(V, 20)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
criterion = nn.CrossEntropyLoss()


def evaluate():
    with torch.no_grad():
        out = model(dev_ctx)
        top5 = (out.topk(5, 1).indices == dev_tgt[:, None]).any(1).float().mean().item()
        e = nn.functional.normalize(model.vectors.weight, dim=1)
        sim = e @ e.T - 2 * torch.eye(V)
        same = [cuisine_of.get(words[sim[w2i[w]].argmax().item()]) == c for w, c in cuisine_of.items()]
    return criterion(out, dev_tgt).item(), top5, float(np.mean(same))


print(V, "words", len(train_tgt), "windows")
for epoch in range(10):
    perm = torch.randperm(len(train_tgt))
    running = 0.0
    for b in perm.split(128):
        opt.zero_grad()
        loss = criterion(model(train_ctx[b]), train_tgt[b])
        loss.backward()
        opt.step()
        running += loss.item() * len(b)
    dl, top5, same = evaluate()
    print(f"epoch {epoch + 1:2d} loss {running / len(train_tgt):.3f} dev perplexity {np.exp(dl):.1f} top-5 {top5:.3f} neighbour of same cuisine {same:.2f}")
