# dish descriptions -> allergen tags (multi-label, 10 tags, each rare)
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(5); torch.manual_seed(5)

FOOD = {
    "gluten": "bread pasta flour couscous noodles barley rye crouton".split(),
    "milk": "butter cream cheese yoghurt whey mozzarella ghee".split(),
    "egg": "egg mayonnaise meringue omelette aioli custard".split(),
    "fish": "cod tuna anchovy salmon haddock trout".split(),
    "crustacean": "prawn crab lobster crayfish langoustine".split(),
    "nuts": "almond walnut cashew pecan hazelnut praline".split(),
    "soy": "tofu soy miso tempeh edamame".split(),
    "sesame": "tahini sesame halva hummus".split(),
    "celery": "celery celeriac stock bouillon".split(),
    "mustard": "mustard piccalilli vinaigrette".split(),
}
PLAIN = ("rice potato carrot onion tomato lettuce pepper apple lemon garlic basil parsley beef chicken "
         "pork lamb spinach beetroot lentil chickpea courgette olive oil salt grilled roasted baked fresh "
         "warm cold seasonal house chef plate bowl with and on the of").split()
TAGS = list(FOOD)
SPOIL = {"no", "without"}          # "without butter" names no allergen


def dish():
    words, tags = random.choices(PLAIN, k=random.randint(5, 9)), set()
    for _ in range(random.choice([0, 1, 1, 1, 2])):
        tag = random.choice(TAGS)
        item = [random.choice(FOOD[tag])]
        if random.random() < .25:
            item.insert(0, random.choice(sorted(SPOIL)))
        else:
            tags.add(tag)
        at = random.randint(0, len(words))
        while 0 < at < len(words) and words[at - 1] in SPOIL:
            at += 1
        words[at:at] = item
    return tuple(words), frozenset(tags)


menu = list({w: t for w, t in (dish() for _ in range(4600))}.items())
stoi = {w: i + 1 for i, w in enumerate(sorted({w for d, _ in menu for w in d}))}
L = max(len(d) for d, _ in menu)
X = torch.zeros(len(menu), L, dtype=torch.long)
Y = torch.zeros(len(menu), len(TAGS))
for i, (d, t) in enumerate(menu):
    X[i, :len(d)] = torch.tensor([stoi[w] for w in d])
    for a in t:
        Y[i, TAGS.index(a)] = 1
n_dev = 700
print("dishes", len(menu), "tags per dish %.2f" % Y.sum(1).mean())


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, d=24, h=48):
        super().__init__()
        self.E = nn.Parameter(torch.randn(n_words + 1, d) * .3)
        self.K = nn.Parameter(torch.randn(h, d, 2) / (2 * d) ** .5)     # bigram filters
        self.kb = nn.Parameter(torch.zeros(h))
        self.O = nn.Parameter(torch.randn(n_tags, h) / h ** .5)
        self.ob = nn.Parameter(torch.zeros(n_tags))

    def forward(self, ids):
        e = self.E[ids].transpose(1, 2)                        # (N, d, L)
        c = F.relu(F.conv1d(F.pad(e, (1, 0)), self.K, self.kb))   # word and the word before
        c = c.masked_fill((ids == 0)[:, None], 0.)             # relu >= 0, so 0 never wins
        return torch.sigmoid(F.linear(c.amax(-1), self.O, self.ob))


def micro_f1(p, y):
    hit = (p > .5).float()
    tp = (hit * y).sum()
    return (2 * tp / (hit.sum() + y.sum()).clamp(min=1)).item()


net = Tagger(len(stoi), len(TAGS))
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
#criterion = nn.BCELoss()
# end
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
Xt, Yt, Xd, Yd = X[n_dev:], Y[n_dev:], X[:n_dev], Y[:n_dev]
for ep in range(8):
    net.train()
    run = 0.
    for b in torch.randperm(len(Xt)).split(64):
        loss = criterion(net(Xt[b]), Yt[b])
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(b) / len(Xt)
    net.eval()
    with torch.no_grad():
        p = net(Xd)
        print(f"{ep:2d} loss {run:.4f} dev loss {criterion(p, Yd):.4f} dev micro-F1 {micro_f1(p, Yd):.4f}")
