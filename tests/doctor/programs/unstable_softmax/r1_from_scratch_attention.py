# Self-attention from scratch, part 1: no queries, keys or values yet
#
# We classify cocktail recipes by style. Every ingredient looks at every other ingredient of the
# glass (plain dot products), then we average and put a linear layer on top.
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(21)
torch.manual_seed(21)

SPIRITS = "gin rum vodka tequila whisky cognac mezcal pisco cachaca aquavit".split()
SOUR = "lime lemon grapefruit verjus yuzu".split()
SWEET = "sugar honey agave grenadine orgeat falernum cassis amaretto".split()
BITTER = "campari angostura vermouth suze cynar aperol fernet".split()
LONG = "soda tonic ginger_beer cola champagne cider".split()
TEXTURE = "egg_white cream coconut yolk milk".split()
GARNISH = "olive cherry mint basil nutmeg salt cucumber orange_peel lemon_peel rosemary celery".split()

STYLES = {
    "sour": [SPIRITS, SOUR, SWEET, TEXTURE],
    "highball": [SPIRITS, LONG, LONG, SOUR],
    "bitter": [SPIRITS, BITTER, BITTER, SWEET],
    "flip": [SPIRITS, TEXTURE, TEXTURE, SWEET],
    "spritz": [BITTER, LONG, LONG, SWEET],
}
names = list(STYLES)
pantry = sorted(set(SPIRITS + SOUR + SWEET + BITTER + LONG + TEXTURE + GARNISH))
idx = {w: i for i, w in enumerate(pantry)}


def mix():
    style = random.choice(names)
    glass = [random.choice(shelf) for shelf in STYLES[style]]
    glass += random.choices(GARNISH, k=2)
    # bartenders experiment
    glass = [random.choice(pantry) if random.random() < 0.08 else g for g in glass]
    random.shuffle(glass)
    return tuple(glass), names.index(style)


recipes = {}
while len(recipes) < 3600:
    glass, style = mix()
    recipes.setdefault(glass, style)
items = list(recipes.items())
X = torch.tensor([[idx[g] for g in glass] for glass, _ in items])
Y = torch.tensor([s for _, s in items])
# the same ingredients in another order are the same drink: keep them on one side
order = {}
for i, (glass, _) in enumerate(items):
    order.setdefault(tuple(sorted(glass)), []).append(i)
groups = list(order.values())
random.shuffle(groups)
cut = int(0.8 * len(groups))
tr = [i for g in groups[:cut] for i in g]
va = [i for g in groups[cut:] for i in g]
train_dl = DataLoader(TensorDataset(X[tr], Y[tr]), batch_size=40, shuffle=True)
valid_dl = DataLoader(TensorDataset(X[va], Y[va]), batch_size=200)


class SimpleSelfAttention(nn.Module):
    """context_i = sum_j a_ij x_j"""

    def forward(self, x):
        # fault:
        scores = x @ x.transpose(1, 2)
        weights = torch.exp(scores)
        weights = weights / weights.sum(dim=-1, keepdim=True)
        # mended:
        #scores = x @ x.transpose(1, 2) / x.size(-1) ** 0.5
        #weights = torch.softmax(scores, dim=-1)
        # end
        return weights @ x


class CocktailNet(nn.Module):
    def __init__(self, n_items, n_styles, dim=100):
        super().__init__()
        self.emb = nn.Embedding(n_items, dim)
        self.attn = SimpleSelfAttention()
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(dim, n_styles)

    def forward(self, x):
        context = self.attn(self.emb(x))
        return self.fc(self.drop(context.mean(dim=1)))


net = CocktailNet(len(pantry), len(names))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def score(dl):
    net.eval()
    loss = right = n = 0
    for xb, yb in dl:
        z = net(xb)
        loss += loss_fn(z, yb).item() * len(yb)
        right += (z.argmax(1) == yb).sum().item()
        n += len(yb)
    return loss / n, right / n


for epoch in range(10):
    net.train()
    for xb, yb in train_dl:
        loss = loss_fn(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    (tl, ta), (vl, va_) = score(train_dl), score(valid_dl)
    print(f"{epoch:2d}  train {tl:.3f} / {ta:.3f}   valid {vl:.3f} / {va_:.3f}")
