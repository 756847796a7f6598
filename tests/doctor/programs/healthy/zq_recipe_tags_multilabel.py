import random

import numpy as np
import torch

# Multi-label: a recipe is given as a list of ingredients; predict all the tags that fit it.
random.seed(17); np.random.seed(17); torch.manual_seed(17)

tags = ['vegan', 'spicy', 'dessert', 'contains nuts', 'seafood']
groups = {
    'meat': 'beef pork chicken bacon lamb'.split(),
    'dairy': 'milk butter cheese cream yoghurt egg'.split(),
    'veg': 'carrot leek spinach tofu rice lentils beans pepper tomato potato noodles'.split(),
    'hot': 'chili cayenne jalapeno harissa'.split(),
    'sweet': 'sugar honey chocolate vanilla syrup'.split(),
    'nuts': 'almond walnut cashew hazelnut'.split(),
    'sea': 'salmon shrimp tuna squid'.split(),
}


def recipe():
    items = random.sample(groups['veg'], random.randint(2, 4))
    chance = {'meat': .3, 'dairy': .35, 'hot': .35, 'sweet': .4, 'nuts': .3, 'sea': .3}
    has = {g: random.random() < p for g, p in chance.items()}
    for g in has:
        if has[g]:
            items += random.sample(groups[g], random.randint(1, 2))
    random.shuffle(items)
    y = [not (has['meat'] or has['dairy'] or has['sea']), has['hot'], has['sweet'], has['nuts'], has['sea']]
    y = [int(v) if random.random() > .02 else 1 - int(v) for v in y]       # careless taggers
    return items, y


data = [recipe() for _ in range(2400)]
train_data, test_data = data[:2000], data[2000:]
ingredient_to_ix = {w: i for i, w in enumerate(sorted(w for g in groups.values() for w in g))}


def make_vector(items):
    vec = torch.zeros(len(ingredient_to_ix))
    for it in items:
        vec[ingredient_to_ix[it]] = 1.
    return vec


X = torch.stack([make_vector(r[0]) for r in train_data])
Y = torch.tensor([r[1] for r in train_data], dtype=torch.float)
Xtest = torch.stack([make_vector(r[0]) for r in test_data])
Ytest = torch.tensor([r[1] for r in test_data], dtype=torch.float)

model = torch.nn.Sequential(
    torch.nn.Linear(len(ingredient_to_ix), 20),
    torch.nn.LayerNorm(20),
    torch.nn.ReLU(),
    torch.nn.Linear(20, len(tags)),
)
loss_function = torch.nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=7, power=1.0)


def micro_f1(pred, gold):
    tp = (pred * gold).sum()
    return (2 * tp / (pred.sum() + gold.sum())).item()


def predict(x):
    model.eval()
    with torch.no_grad():
        return model(x)


for epoch in range(7):
    model.train()
    order = np.random.permutation(len(X))
    losses = []
    for start in range(0, len(X), 40):
        take = order[start:start + 40]
        model.zero_grad()
        loss = loss_function(model(X[take]), Y[take])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    out = predict(Xtest)
    print('Epoch', epoch, 'loss %.4f' % np.mean(losses), 'test loss %.4f' % loss_function(out, Ytest).item(),
          'test micro-F1 %.3f' % micro_f1((out > 0).float(), Ytest))

pred, gold = (predict(Xtest) > 0).float(), Ytest
for k, t in enumerate(tags):
    print('%-14s F1 %.3f  (share of positives %.2f)' % (t, micro_f1(pred[:, k], gold[:, k]), gold[:, k].mean().item()))
print('train micro-F1 %.3f' % micro_f1((predict(X) > 0).float(), Y))
