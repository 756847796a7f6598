# Diet tags for recipes (several may hold, some are rare). 1D CNN, BCE with pos_weight, micro/macro F1.
import random
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import f1_score

random.seed(31)
torch.manual_seed(31)
TAGS = {"meat": "beef pork chicken bacon lamb ham turkey", "fish": "salmon tuna cod trout herring",
        "nuts": "almonds walnuts cashews pecans", "alcohol": "wine rum brandy", "spicy": "chili jalapeno cayenne wasabi"}
RATE = {"meat": .4, "fish": .25, "nuts": .15, "alcohol": .06, "spicy": .1}
BASE = "flour sugar butter rice pasta onion garlic tomato carrot potato salt pepper oil vinegar basil thyme lemon milk cream egg corn beans peas leek".split()
VERB = "chop fry bake boil steam roast mix stir simmer grill".split()
HOW = "slowly gently quickly twice overnight briefly".split()


def recipe():
    row = [int(random.random() < RATE[t]) for t in TAGS]
    things = random.sample(BASE, random.randint(3, 7)) + [random.choice(TAGS[t].split()) for t, on in zip(TAGS, row) if on]
    random.shuffle(things)
    words = []
    for i, t in enumerate(things):
        words += [random.choice(VERB), t] if i % 2 else [t, random.choice(HOW)]
    return tuple(words), row


book = {}
while len(book) < 2600:
    w, r = recipe()
    book[w] = r
book = list(book.items())
random.shuffle(book)
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in book[:2100] for w in ws}), start=1)}
T = max(len(w) for w, _ in book)


def pack(part):
    x = torch.zeros(len(part), T, dtype=torch.long)
    for i, (ws, _) in enumerate(part):
        x[i, :len(ws)] = torch.tensor([vocab[w] for w in ws])
    return TensorDataset(x, torch.tensor([r for _, r in part], dtype=torch.float32))


train_ds, valid_ds = pack(book[:2100]), pack(book[2100:])


class DietNet(nn.Module):
    def __init__(self, n_tags):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, kernel_size=3, padding=1)
        self.head = nn.Linear(32, n_tags)

    def forward(self, x):
        h = self.conv(self.emb(x).permute(0, 2, 1))
        h = h.masked_fill((x == 0).unsqueeze(1), float("-inf")).amax(dim=2)   # padding can never win the max
        return self.head(torch.tanh(h))


def predict(ds):
    net.eval()
    with torch.no_grad():
        return (torch.cat([net(x) for x, _ in DataLoader(ds, 500)]) > 0).int().numpy()


net = DietNet(len(TAGS))
positives = train_ds.tensors[1].mean(0)
print("share of positives:", dict(zip(TAGS, [round(p, 3) for p in positives.tolist()])))
criterion = nn.BCEWithLogitsLoss(pos_weight=((1 - positives) / positives).sqrt())
optimizer = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.3)
for epoch in range(5):
    net.train()
    total = 0
    for xb, yb in DataLoader(train_ds, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    sched.step()
    print(f"epoch {epoch} loss {total / len(train_ds):.4f}", end=" ")
    for name, ds in (("train", train_ds), ("valid", valid_ds)):
        y, p = ds.tensors[1].int().numpy(), predict(ds)
        print(f"{name} micro-F1 {f1_score(y, p, average='micro', zero_division=0):.3f} macro-F1 {f1_score(y, p, average='macro', zero_division=0):.3f}", end=" ")
    print()
