"""
Cooking time from the list of steps. Course project, ML2, group 14.
Every recipe is a list of step ids, the target is the total time in minutes.
"""
import random
import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

STEPS = ["chop onions", "peel potatoes", "boil pasta", "simmer sauce", "bake", "rest dough", "knead dough", "marinate",
         "grill", "fry", "steam", "whisk eggs", "melt butter", "toast nuts", "roast vegetables", "cool down",
         "glaze", "reduce stock", "blend", "plate", "soak beans", "preheat oven", "wash salad", "cut meat",
         "make roux", "fold in cream", "fill moulds", "caramelise", "deglaze", "season"]
base_minutes = [random.choice([2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30]) for _ in STEPS]
step2id = {s: i + 1 for i, s in enumerate(STEPS)}   # 0 = padding

PARALLEL = {("boil pasta", "simmer sauce"), ("roast vegetables", "grill"), ("bake", "wash salad"), ("steam", "fry")}


def cook():
    n = random.randint(3, 9)
    steps = random.sample(STEPS, n)
    t = sum(base_minutes[STEPS.index(s)] for s in steps)
    for a, b in PARALLEL:
        if a in steps and b in steps:
            t -= min(base_minutes[STEPS.index(a)], base_minutes[STEPS.index(b)])
    return steps, t + random.gauss(0, 3)


recipes = {}
while len(recipes) < 3600:
    s, t = cook()
    recipes.setdefault(frozenset(s), (s, t))
recipes = list(recipes.values())
MAXL = 9
X = torch.zeros(len(recipes), MAXL, dtype=torch.long)
Y = torch.zeros(len(recipes))
for k, (s, t) in enumerate(recipes):
    X[k, :len(s)] = torch.tensor([step2id[w] for w in s])
    Y[k] = t
X_train, Y_train = X[:3000], Y[:3000]
X_test, Y_test = X[3000:], Y[3000:]
print("mean minutes", Y_train.mean().item(), "std", Y_train.std().item())


class CookNet(nn.Module):
    def __init__(self, nsteps, d=24):
        super().__init__()
        self.emb = nn.Embedding(nsteps + 1, d, padding_idx=0)
        self.l1 = nn.Linear(d, 48)
        self.l2 = nn.Linear(48, 1)

    def forward(self, ids):
        z = self.emb(ids).sum(1)        # times add up, so sum and not mean
        return self.l2(torch.relu(self.l1(z))).squeeze(-1)


net = CookNet(len(STEPS))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)


def my_loss(pred, target):
    err = (pred - target) ** 2
    # fault:
    # don't let single weird recipes dominate the batch
    err = err.clamp(max=25.0)
    return err.mean()
    # mended:
    #return err.mean()
    # end


def r2(pred, target):
    return 1 - ((pred - target) ** 2).sum().item() / ((target - target.mean()) ** 2).sum().item()


for epoch in range(30):
    net.train()
    order = torch.randperm(len(X_train))
    running = 0.0
    for j in range(0, len(order), 50):
        idx = order[j:j + 50]
        optimizer.zero_grad()
        l = my_loss(net(X_train[idx]), Y_train[idx])
        l.backward()
        optimizer.step()
        running += l.item()
    scheduler.step()
    if (epoch + 1) % 5 == 0:
        net.eval()
        with torch.no_grad():
            p = net(X_test)
        print("epoch", epoch + 1, "loss %.3f" % (running / 60), "test MAE %.2f min" % (p - Y_test).abs().mean().item())

net.eval()
with torch.no_grad():
    print("train R2 %.3f" % r2(net(X_train), Y_train))
    print("test R2 %.3f" % r2(net(X_test), Y_test))
