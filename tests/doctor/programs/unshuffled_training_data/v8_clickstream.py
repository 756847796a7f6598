# visitor type from click sequences (take-home task for a junior DS role)
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader, Subset

rng = np.random.default_rng(99)
torch.manual_seed(99)

PAGES = ["PAD", "home", "search", "category", "product", "image", "review", "cart", "coupon", "checkout", "login", "account", "help", "blog", "wishlist", "logout"]
P = {p: i for i, p in enumerate(PAGES)}
GROUPS = ["bargain", "browser", "buyer", "returning", "support"]
# which steps a group likes
HABITS = {
    "bargain": [("product", "coupon"), ("coupon", "cart"), ("category", "coupon")],
    "browser": [("category", "product"), ("product", "image"), ("product", "category")],
    "buyer": [("product", "cart"), ("cart", "checkout"), ("search", "product")],
    "returning": [("login", "account"), ("account", "wishlist"), ("wishlist", "product")],
    "support": [("help", "account"), ("search", "help"), ("help", "search")],
}


def session(group):
    steps = [P["home"]]
    habits = HABITS[group]
    for _ in range(rng.integers(3, 7)):
        if rng.random() < 0.45:
            a, b = habits[rng.integers(len(habits))]
            steps += [P[a], P[b]]
        else:
            steps += rng.integers(1, len(PAGES), size=rng.integers(1, 3)).tolist()
    return tuple(steps)


def load_group(group, n=900):
    """stands in for reading logs/<group>.csv"""
    rows = set()
    while len(rows) < n:
        rows.add(session(group))
    return sorted(rows)


sessions, target = [], []
for gi, g in enumerate(GROUPS):
    for s in load_group(g):
        sessions.append(s)
        target.append(gi)
owner = {}
for s, t in zip(sessions, target):
    owner.setdefault(s, t)
keep = [i for i, s in enumerate(sessions) if owner[s] == target[i]]
sessions, target = [sessions[i] for i in keep], [target[i] for i in keep]


class ClickDataset(Dataset):
    def __init__(self, sessions, target, maxlen=13):
        self.x = torch.zeros(len(sessions), maxlen, dtype=torch.long)
        for i, s in enumerate(sessions):
            self.x[i, :len(s)] = torch.tensor(s)
        self.y = torch.tensor(target)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class ClickCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(PAGES), 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 48, kernel_size=2)
        self.head = nn.Sequential(nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, len(GROUPS)))

    def forward(self, x):
        h = self.conv(self.emb(x).transpose(1, 2))
        inside = (x[:, 1:] != 0).unsqueeze(1)
        h = torch.relu(h) * inside
        return self.head(h.sum(2) / 3.0)


full = ClickDataset(sessions, target, maxlen=max(map(len, sessions)))
is_test = np.arange(len(full)) % 5 == 4
train_ds = Subset(full, np.where(~is_test)[0].tolist())
test_ds = Subset(full, np.where(is_test)[0].tolist())

# fault:
train_loader = DataLoader(train_ds, batch_size=32)
# mended:
#train_loader = DataLoader(train_ds, batch_size=32, shuffle=True)
# end
test_loader = DataLoader(test_ds, batch_size=256)

net = ClickCNN()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
crit = nn.CrossEntropyLoss()


def predict(loader):
    net.eval()
    with torch.no_grad():
        out = [(net(x), y) for x, y in loader]
    logits, y = torch.cat([o for o, _ in out]), torch.cat([y for _, y in out])
    return logits, y


for epoch in range(1, 6):
    net.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = crit(net(x), y)
        loss.backward()
        opt.step()
    logits, y = predict(test_loader)
    print(f"epoch {epoch}: last batch loss {loss.item():.3f}  test loss {crit(logits, y).item():.3f}  test acc {(logits.argmax(1) == y).float().mean().item():.3f}")

logits, y = predict(DataLoader(train_ds, batch_size=256))
print("train accuracy %.3f" % (logits.argmax(1) == y).float().mean().item())
logits, y = predict(test_loader)
for g, name in enumerate(GROUPS):
    m = y == g
    print(f"  {name:10s} recall {(logits[m].argmax(1) == g).float().mean().item():.2f}  predicted {int((logits.argmax(1) == g).sum())}")
print("test accuracy %.3f" % (logits.argmax(1) == y).float().mean().item())
