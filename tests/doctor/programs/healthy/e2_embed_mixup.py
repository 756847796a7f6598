# Cuisine from ingredients; mixup of the pooled embeddings. The training loss is against mixed labels, so it can't come near zero.
import numpy as np, torch
from torch import nn

rng = np.random.RandomState(3); torch.manual_seed(3)
CUI = {"tr": "yogurt bulgur sumac eggplant mint lamb tahini pistachio pul_biber parsley",
       "jp": "dashi nori miso mirin daikon wasabi shiso sesame soy_sauce rice",
       "mx": "corn lime cilantro jalapeno avocado beans cumin tomatillo chipotle masa",
       "in": "turmeric ghee cardamom paneer chickpea coriander fenugreek curry_leaf mustard_seed rice",
       "it": "basil mozzarella olive_oil pasta parmesan oregano tomato capers polenta parsley",
       "fr": "butter cream shallot tarragon wine leek thyme dijon brie baguette"}
CUI = {k: v.split() for k, v in CUI.items()}
ANY = "salt pepper onion garlic water sugar flour egg milk oil lemon chicken beef carrot potato honey vinegar ginger spinach mushroom".split()
names = list(CUI)
vocab = sorted(set(ANY) | {w for v in CUI.values() for w in v})
ix = {w: i for i, w in enumerate(vocab)}


def recipe():
    y = rng.randint(6)
    s = set(rng.choice(CUI[names[y]], rng.randint(2, 5), replace=False)) | set(rng.choice(ANY, rng.randint(3, 8), replace=False))
    if rng.rand() < .5:
        s.add(rng.choice(CUI[names[rng.randint(6)]]))
    return frozenset(s), y


rows = {}
while len(rows) < 5000:
    s, y = recipe()
    rows.setdefault(s, y)
rows = list(rows.items())
H = torch.zeros(len(rows), len(vocab))
for i, (s, _) in enumerate(rows):
    H[i, [ix[w] for w in s]] = 1.0 / len(s)
Y = torch.tensor([y for _, y in rows])
Htr, Ytr, Hdv, Ydv = H[:4000], Y[:4000], H[4000:], Y[4000:]
emb = nn.Parameter(torch.randn(len(vocab), 24) * .3)
head = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 6))
optim = torch.optim.RMSprop([emb, *head.parameters()], lr=2e-3)
lam_dist = torch.distributions.Beta(0.4, 0.4)
onehot = torch.eye(6)
for epoch in range(9):
    if epoch == 7:
        optim.param_groups[0]["lr"] = 5e-4
    tot = 0.0
    for b in torch.randperm(4000).split(50):
        z, t = Htr[b] @ emb, onehot[Ytr[b]]
        lam = lam_dist.sample().item()
        other = torch.randperm(len(b))
        z = lam * z + (1 - lam) * z[other]
        t = lam * t + (1 - lam) * t[other]
        loss = -(t * head(z).log_softmax(-1)).sum(-1).mean()
        optim.zero_grad(); loss.backward(); optim.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        ctr = nn.functional.cross_entropy(head(Htr @ emb), Ytr)
        out = head(Hdv @ emb)
    print("ep %2d mixed loss %.3f | clean train loss %.3f | dev loss %.3f acc %.3f" %
          (epoch, tot / 4000, ctr, nn.functional.cross_entropy(out, Ydv), (out.argmax(1) == Ydv).float().mean()))
