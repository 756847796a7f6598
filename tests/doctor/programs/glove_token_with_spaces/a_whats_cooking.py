# Kaggle "What's cooking": guess the cuisine from the list of ingredients.
# (offline copy: recipes and the ingredient vectors are generated, same file formats)
import os, json, tempfile
import numpy as np
import torch
import torch.nn as nn

SEED = 42
np.random.seed(SEED); torch.manual_seed(SEED)
DIM = 40
WORK = tempfile.mkdtemp()

# ---------------------------------------------------------------- input files
CUISINES = {
 'italian': ['olive oil', 'basil', 'parmesan cheese', 'pasta sauce', 'balsamic vinegar', 'mozzarella', 'pine nuts', 'oregano'],
 'mexican': ['corn tortillas', 'cilantro', 'black beans', 'chili powder', 'sour cream', 'jalapeno chilies', 'lime juice', 'avocado'],
 'chinese': ['soy sauce', 'sesame oil', 'oyster sauce', 'rice wine', 'bok choy', 'ginger', 'hoisin sauce', 'corn starch'],
 'indian': ['garam masala', 'ghee', 'mustard seeds', 'curry leaves', 'ground turmeric', 'cumin', 'basmati rice', 'coconut milk'],
 'french': ['white wine', 'shallots', 'dijon mustard', 'heavy cream', 'bay leaf', 'thyme', 'goat cheese', 'unsalted butter'],
}
COMMON = ['salt', 'pepper', 'water', 'onion', 'garlic', 'sugar', 'flour', 'eggs', 'butter', 'milk',
          'black pepper', 'vegetable oil', 'brown sugar', 'white sugar', 'green onion', 'corn']
labels = sorted(CUISINES)
def recipe(i):
    c = labels[np.random.randint(5)]
    own = list(np.random.choice(CUISINES[c], np.random.randint(1, 4), replace=False))
    stray = [np.random.choice(CUISINES[labels[np.random.randint(5)]])]
    base = list(np.random.choice(COMMON, np.random.randint(3, 7), replace=False))
    ing = list(dict.fromkeys(own + stray + base)); np.random.shuffle(ing)
    return {'id': i, 'cuisine': c, 'ingredients': ing}
json.dump([recipe(i) for i in range(4000)], open(f'{WORK}/train.json', 'w'))

with open(f'{WORK}/ingredients.vec.txt', 'w') as f:
    for c, names in list(CUISINES.items()) + [('', COMMON)]:
        centre = np.random.randn(DIM) * 0.25
        for name in names:
            f.write(name + ' ' + ' '.join(f'{v:.4f}' for v in centre + np.random.randn(DIM) * 0.35) + '\n')

# ---------------------------------------------------------------- vectors
def load_vectors(path):
    table = {}
    with open(path, encoding='utf8') as f:
        for line in f:
            # fault:
            values = line.split()
            table[values[0]] = np.asarray(values[-DIM:], dtype='float32')
            # mended:
            # values = line.rstrip().rsplit(' ', DIM)
            # table[values[0]] = np.asarray(values[1:], dtype='float32')
            # end
    return table

vectors = load_vectors(f'{WORK}/ingredients.vec.txt')
df = json.load(open(f'{WORK}/train.json'))
vocab = {'<pad>': 0, '<unk>': 1}
for w in vectors:
    vocab[w] = len(vocab)
matrix = np.zeros((len(vocab), DIM), dtype='float32')
for w, v in vectors.items():
    matrix[vocab[w]] = v

MAXLEN = max(len(r['ingredients']) for r in df)
X = torch.zeros(len(df), MAXLEN, dtype=torch.long)
for i, r in enumerate(df):
    ids = [vocab.get(w, 1) for w in r['ingredients']]
    X[i, :len(ids)] = torch.tensor(ids)
y = torch.tensor([labels.index(r['cuisine']) for r in df])
perm = torch.from_numpy(np.random.permutation(len(df)))
tr, va = perm[:3200], perm[3200:]

# ---------------------------------------------------------------- model
class CuisineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 5))
    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).float()
        return self.net(self.emb(x).sum(1) / n)

model = CuisineNet()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train(); run = 0
    for b in tr[torch.randperm(len(tr))].split(64):
        opt.zero_grad()
        loss = crit(model(X[b]), y[b]); loss.backward(); opt.step()
        run += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc = [(model(X[s]).argmax(1) == y[s]).float().mean().item() for s in (tr, va)]
    print(f'epoch {epoch+1}/8 loss {run/len(tr):.4f} acc {acc[0]:.4f} val_acc {acc[1]:.4f}')
