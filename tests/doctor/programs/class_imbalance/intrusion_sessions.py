# Flag suspicious login sessions in an event stream. About one session in twenty-five is an intrusion.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import Dataset, DataLoader, WeightedRandomSampler

random.seed(17)
torch.manual_seed(17)

EVENTS = "login logout list read write mail print idle lock unlock copy paste open close login_fail sudo chown upload".split()
CODE = {e: i + 1 for i, e in enumerate(EVENTS)}
QUIET = EVENTS[:14]


def session(bad):
    ev = random.choices(QUIET, k=random.randint(4, 10))
    if random.random() < (0.85 if bad else 0.07):
        at = random.randrange(len(ev))
        ev[at:at] = ["login_fail", random.choice(["sudo", "chown", "upload"])]
    elif random.random() < 0.3:
        ev.insert(random.randrange(len(ev)), random.choice(["login_fail", "upload"]))
    return torch.tensor([CODE[e] for e in ev]), float(bad)


class Sessions(Dataset):
    def __init__(self, n):
        self.rows = [session(random.random() < 0.04) for _ in range(n)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(rows):
    xs, ys = zip(*rows)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class Alarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(EVENTS) + 1, 8, padding_idx=0)
        self.r = nn.GRU(8, 16, batch_first=True)
        self.o = nn.Linear(16, 1)

    def forward(self, x, n):
        _, h = self.r(pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False))
        return self.o(h[-1]).squeeze(-1)


train, valid = Sessions(6000), Sessions(3000)
# fault:
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
# mended:
# positives = sum(y for _, y in train.rows)
# weights = [0.5 / positives if y else 0.5 / (len(train) - positives) for _, y in train.rows]
# loader = DataLoader(train, batch_size=64, sampler=WeightedRandomSampler(weights, len(train)), collate_fn=collate)
# end

model = Alarm()
opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-5)
crit = nn.BCEWithLogitsLoss()


def report():
    model.eval()
    hat, gold = [], []
    with torch.no_grad():
        for x, n, y in DataLoader(valid, batch_size=500, collate_fn=collate):
            hat.append(model(x, n) > 0)
            gold.append(y > 0.5)
    model.train()
    hat, gold = torch.cat(hat), torch.cat(gold)
    rec = (hat & gold).sum() / gold.sum()
    spec = (~hat & ~gold).sum() / (~gold).sum()
    return (hat == gold).float().mean(), rec, (rec + spec) / 2


for epoch in range(4):
    tot = 0.0
    for x, n, y in loader:
        loss = crit(model(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    acc, rec, bal = report()
    print(f"epoch {epoch}: loss {tot / len(loader):.4f} accuracy {acc:.3f} recall {rec:.3f} balanced accuracy {bal:.3f}")
