# Cuisine of a restaurant from its menu.
# Dishes were embedded beforehand (GloVe on the orders table, one "word" per dish) and exported as text.
import os, tempfile
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DIM = 30
CUISINES = ['thai', 'italian', 'mexican', 'indian', 'nordic', 'greek']
rng = np.random.default_rng(5)
torch.manual_seed(5)

# ---- the export of the recommender team (rebuilt here with made-up dishes) ----
FIRST = 'grilled fried smoked green red spicy cold hot sweet sour baked stuffed house royal fresh crispy'.split()
SECOND = 'soup rice noodles fish beef lamb salad bread rolls dumplings beans cheese curry cake pork tofu'.split()
LAST = ['', 'platter', 'with egg', 'to share', 'for two']
names = [f'{a} {b} {c}'.strip() for a in FIRST for b in SECOND for c in LAST]
names = [str(n) for n in rng.permutation(names)[:840]] + SECOND[:10] + FIRST
owner = rng.integers(len(CUISINES), size=len(names))
centres = rng.normal(size=(len(CUISINES), DIM)) * 0.22
vec = centres[owner] + rng.normal(size=(len(names), DIM)) * 0.35
path = os.path.join(tempfile.mkdtemp(), 'dishes.glove.30d.txt')
with open(path, 'w', encoding='utf-8') as f:
    for n, v in zip(names, vec):
        f.write(n + ' ' + ' '.join('%.5f' % x for x in v) + '\n')


def menus(n):
    ys = rng.integers(len(CUISINES), size=n)
    out = []
    for y in ys:
        size = rng.integers(6, 12)
        own = rng.choice(np.flatnonzero(owner == y), size - size // 3)
        other = rng.choice(len(names), size // 3)
        out.append([names[i] for i in rng.permutation(np.concatenate([own, other]))])
    return out, ys


train_menus, train_y = menus(3000)
test_menus, test_y = menus(600)


# ---- vectors ----
def load_glove(path):
    table = {}
    with open(path, encoding='utf-8') as f:
        for line in f:
            parts = line.rstrip('\n').split(' ')
            # fault:
            word = parts[0]
            # mended:
            # word = ' '.join(parts[:-DIM])
            # end
            table[word] = np.asarray(parts[-DIM:], dtype='float32')
    return table


glove = load_glove(path)
itos = ['<pad>', '<unk>'] + sorted({d for m in train_menus for d in m})
stoi = {w: i for i, w in enumerate(itos)}
weights = np.zeros((len(itos), DIM), dtype='float32')
for w, i in stoi.items():
    if w in glove:
        weights[i] = glove[w]
print('vectors read:', len(glove), ' dishes on menus:', len(itos) - 2)


def pad(ms):
    width = max(map(len, ms))
    return torch.tensor([[stoi.get(d, 1) for d in m] + [0] * (width - len(m)) for m in ms])


X, Y = pad(train_menus), torch.tensor(train_y)
Xt, Yt = pad(test_menus), torch.tensor(test_y)


class MenuNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(w), freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(DIM, 64)
        self.fc2 = nn.Linear(64, len(CUISINES))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        mean = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.fc2(F.relu(self.fc1(mean)))


model = MenuNet(weights)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
for ep in range(8):
    model.train()
    tot = 0
    for b in torch.randperm(len(X)).split(50):
        loss = F.cross_entropy(model(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        a_tr = (model(X).argmax(1) == Y).float().mean().item()
        a_te = (model(Xt).argmax(1) == Yt).float().mean().item()
    print('epoch %d loss %.4f train acc %.3f test acc %.3f' % (ep + 1, tot / len(X), a_tr, a_te))
