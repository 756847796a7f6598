# "What's cooking"-like kernel: guess the cuisine from the list of ingredients
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(8); torch.manual_seed(8)

TYPICAL = {
    "greek": "feta oregano olives yogurt lemon cucumber dill phyllo lamb olive_oil eggplant",
    "southern_us": "buttermilk cornmeal bacon okra grits pecans collards catfish hot_sauce butter",
    "filipino": "soy_sauce vinegar bay_leaf coconut_milk pork_belly fish_sauce calamansi garlic rice",
    "indian": "turmeric cumin garam_masala ghee lentils ginger coriander chili yogurt cardamom",
    "jamaican": "allspice scotch_bonnet thyme coconut_milk plantain rum kidney_beans ginger goat",
    "spanish": "saffron chorizo paprika olive_oil manchego sherry garlic tomato almonds",
    "italian": "basil parmesan mozzarella tomato pasta oregano olive_oil garlic prosciutto ricotta",
    "mexican": "tortilla cilantro jalapeno lime avocado cumin black_beans corn chili queso",
    "chinese": "soy_sauce ginger sesame_oil scallion rice_wine star_anise hoisin cornstarch rice",
    "russian": "beets dill sour_cream cabbage buckwheat butter mushrooms rye vinegar",
    "thai": "fish_sauce lemongrass coconut_milk lime thai_basil galangal chili cilantro peanuts rice",
    "french": "butter cream shallots thyme white_wine gruyere dijon tarragon leek cognac",
}
CUISINES = list(TYPICAL)
COMMON = "salt pepper water sugar onion egg flour milk oil carrots chicken beef potatoes parsley honey stock".split()


def recipe(c):
    own = TYPICAL[CUISINES[c]].split()
    items = random.sample(own, random.randint(3, 5)) + random.sample(COMMON, random.randint(2, 5))
    if random.random() < 0.5:
        items.append(random.choice(TYPICAL[random.choice(CUISINES)].split()))
    items = list(dict.fromkeys(items))
    random.shuffle(items)
    return items


rows = {}
while len(rows) < 3600:
    c = len(rows) % len(CUISINES)
    r = recipe(c)
    rows.setdefault(frozenset(r), (r, c))
rows = list(rows.values())
random.shuffle(rows)
train_rows, valid_rows = rows[:3000], rows[3000:]
ingredient = {w: i for i, w in enumerate(sorted({w for r, _ in train_rows for w in r}))}


def collate(batch):
    ids, offsets = [], []
    for r, _ in batch:
        offsets.append(len(ids))
        ids += [ingredient[w] for w in r if w in ingredient]
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor([c for _, c in batch])


class CuisineNet(nn.Module):
    def __init__(self, dim=40, hidden=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ingredient), dim, mode="mean")
        # fault:
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        # mended:
        # self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, len(CUISINES)))
        # end

    def forward(self, ids, offsets):
        return self.mlp(self.bag(ids, offsets))


model = CuisineNet()
# fault:
criterion = nn.MSELoss()
# mended:
# criterion = nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)


def step(batch):
    ids, offsets, y = batch
    out = model(ids, offsets)
    # fault:
    out = out.squeeze(1)
    return criterion(out, y.float()), out.round().clamp(0, len(CUISINES) - 1).long(), y
    # mended:
    # return criterion(out, y), out.argmax(1), y
    # end


train_loader = DataLoader(train_rows, 32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_rows, 200, collate_fn=collate)
for epoch in range(8):
    model.train()
    tl = 0
    for batch in train_loader:
        loss, _, _ = step(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tl += loss.item()
    model.eval()
    with torch.no_grad():
        hits = sum((p == y).sum().item() for _, p, y in map(step, valid_loader))
    print(f"Epoch {epoch + 1} | loss {tl / len(train_loader):.4f} | valid accuracy {hits / len(valid_rows):.4f}")
