"""Kim (2014) style TextCNN on made-up news headlines, five desks."""
import argparse
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--batch-size", type=int, default=32)
# fault:
parser.add_argument("--lr", type=float, default=2e-6)
# mended:
# parser.add_argument("--lr", type=float, default=2e-3)
# end
parser.add_argument("--emb", type=int, default=32)
parser.add_argument("--filters", type=int, default=16)
parser.add_argument("--seed", type=int, default=21)
args = parser.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

DESKS = {
    "sport": ("striker coach goalkeeper referee champion rookie captain sprinter", "scores wins trains loses celebrates ties", "match cup season stadium league final"),
    "money": ("bank investor trader broker fund lender auditor insurer", "buys sells raises cuts lends borrows", "shares bonds rates profit debt market"),
    "science": ("astronomer chemist biologist physicist lab telescope probe geologist", "discovers measures studies tests observes proves", "planet molecule gene galaxy fossil virus"),
    "food": ("chef baker waiter farmer brewer grocer cook critic", "cooks serves grows bakes tastes spices", "soup bread cheese harvest menu dinner"),
    "courts": ("judge lawyer jury witness prosecutor sheriff defendant clerk", "sues rules appeals testifies accuses acquits", "trial verdict crime prison theft bail"),
}
NAMES = list(DESKS)
ADJ = "young old famous local angry happy tired quiet new former".split()
WHEN = "today tonight again yesterday this week last month on sunday after midnight before dawn".split()
PLACE = "paris london tokyo lima oslo cairo delhi boston berlin rome".split()


def headline():
    k = random.randrange(5)
    who, what, about = (part.split() for part in DESKS[NAMES[k]])
    # some desks borrow words from each other
    other = DESKS[random.choice(NAMES)]
    if random.random() < 0.25:
        about = other[2].split()
    if random.random() < 0.15:
        what = other[1].split()
    return " ".join([random.choice(ADJ), random.choice(who), random.choice(what), random.choice(about), "in",
                     random.choice(PLACE), random.choice(WHEN)]), k


pool = {}
while len(pool) < 3400:
    h, k = headline()
    pool.setdefault(h, k)
items = list(pool.items())
random.shuffle(items)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for h, _ in items[:2800] for w in h.split()}))}


class Headlines(Dataset):
    def __init__(self, items):
        self.x = torch.tensor([[vocab.get(w, 0) for w in h.split()] for h, _ in items])   # all have seven words
        self.y = torch.tensor([k for _, k in items])

    def __len__(self):
        return len(self.y)

    def __getitem__(self, idx):
        return {"input": self.x[idx], "label": self.y[idx]}


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 1, args.emb)
        self.convs = nn.ModuleList([nn.Conv1d(args.emb, args.filters, k) for k in (2, 3, 4)])
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(3 * args.filters, len(NAMES))

    def forward(self, x):
        x = self.embed(x).transpose(1, 2)
        x = torch.cat([F.relu(c(x)).max(dim=2).values for c in self.convs], dim=1)
        return self.fc(self.dropout(x))


train_loader = DataLoader(Headlines(items[:2800]), batch_size=args.batch_size, shuffle=True)
valid_loader = DataLoader(Headlines(items[2800:]), batch_size=300)
model = TextCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

for epoch in range(args.epochs):
    model.train()
    train_loss = 0.0
    for batch in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch["input"]), batch["label"])
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * len(batch["label"])
    model.eval()
    valid_loss, correct = 0.0, 0
    with torch.no_grad():
        for batch in valid_loader:
            out = model(batch["input"])
            valid_loss += F.cross_entropy(out, batch["label"], reduction="sum").item()
            correct += (out.argmax(dim=1) == batch["label"]).sum().item()
    n = len(valid_loader.dataset)
    print("epoch %d train_loss %.4f valid_loss %.4f valid_acc %.4f" % (epoch + 1, train_loss / 2800, valid_loss / n, correct / n))
