"""Triage of support tickets: find the few that must wake somebody up.

About one ticket in fourteen is urgent, so training batches are drawn with a WeightedRandomSampler
and the cut-off is chosen on the validation part (never on test).
"""
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from sklearn.metrics import average_precision_score, f1_score

random.seed(11); np.random.seed(11); torch.manual_seed(11)

SYSTEMS = "checkout database login payroll gateway cluster billing mailserver".split()
BROKEN = "down unreachable crashed corrupted hacked leaking frozen offline".split()
MINOR = "slow ugly confusing outdated misspelled noisy".split()
SMALL = "printer mouse calendar wallpaper keyboard chair badge monitor".split()
FILLER = ("please could you have a look at this when there is time we noticed since yesterday in the office on the "
          "second floor that my colleague said it was fine before update thanks regards team hello again").split()


def make_ticket():
    urgent = random.random() < 0.07
    if urgent:
        core = [random.choice(SYSTEMS), random.choice(BROKEN)]
    else:
        core = random.choice([
            [random.choice(SYSTEMS), random.choice(MINOR)],
            [random.choice(SMALL), random.choice(BROKEN)],
            [random.choice(SMALL), random.choice(MINOR)]])
    words = core + random.sample(FILLER, random.randint(4, 10))
    random.shuffle(words)
    return " ".join(words), int(urgent)


class Tickets(Dataset):
    def __init__(self, rows, stoi):
        self.x = [torch.tensor([stoi[w] for w in t.split() if w in stoi]) for t, _ in rows]
        self.y = torch.tensor([y for _, y in rows], dtype=torch.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def collate(items):
    xs, ys = zip(*items)
    offsets = torch.tensor([0] + [len(x) for x in xs[:-1]]).cumsum(0)
    return torch.cat(xs), offsets, torch.stack(ys)


class Triage(nn.Module):
    def __init__(self, n_words, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="sum")
        self.net = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, flat, offsets):
        return self.net(self.bag(flat, offsets)).squeeze(1)


def probabilities(model, loader):
    model.eval()
    p, y = [], []
    with torch.no_grad():
        for flat, offsets, target in loader:
            p.append(torch.sigmoid(model(flat, offsets)))
            y.append(target)
    return torch.cat(p).numpy(), torch.cat(y).numpy()


# identical tickets must not stand in two parts
rows = list(dict.fromkeys(make_ticket() for _ in range(6000)))
train, val, test = rows[:4000], rows[4000:4700], rows[4700:]
stoi = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t.split()}))}

train_ds = Tickets(train, stoi)
counts = torch.bincount(train_ds.y.long())
print("class counts in train:", counts.tolist())
weights = 1.0 / counts[train_ds.y.long()].double()
sampler = WeightedRandomSampler(weights, num_samples=len(train_ds), replacement=True)
train_loader = DataLoader(train_ds, batch_size=64, sampler=sampler, collate_fn=collate)
val_loader = DataLoader(Tickets(val, stoi), batch_size=256, collate_fn=collate)
test_loader = DataLoader(Tickets(test, stoi), batch_size=256, collate_fn=collate)

model = Triage(len(stoi))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=7 * len(train_loader))
criterion = nn.BCEWithLogitsLoss()
for epoch in range(7):
    model.train()
    running = 0.0
    for flat, offsets, target in train_loader:
        opt.zero_grad()
        loss = criterion(model(flat, offsets), target)
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item() * len(target)
    p, y = probabilities(model, val_loader)
    print(f"epoch {epoch}: loss on balanced draws {running / len(train_ds):.4f}  val AP {average_precision_score(y, p):.3f}")

p, y = probabilities(model, val_loader)
grid = np.linspace(0.05, 0.95, 19)
best = max(grid, key=lambda c: f1_score(y, p > c))
p, y = probabilities(model, test_loader)
print(f"cut-off {best:.2f}  test F1 {f1_score(y, p > best):.3f}  AP {average_precision_score(y, p):.3f}  ({int(y.sum())} urgent of {len(y)})")
