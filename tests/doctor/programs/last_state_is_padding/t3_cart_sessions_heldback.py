# Online shop challenge: will the visitor leave with a filled cart?
# sessions are lists of events of very different length
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torch.nn.utils.rnn import pad_sequence


@dataclass
class CFG:
    seed: int = 2024
    n_train: int = 3000
    n_valid: int = 600
    emb: int = 16
    hidden: int = 32
    lr: float = 4e-3
    epochs: int = 7
    bs: int = 64
    max_len: int = 60


random.seed(CFG.seed)
torch.manual_seed(CFG.seed)

PAGES = ["home", "search", "list", "product", "reviews", "help", "login", "coupon", "wishlist", "newsletter",
         "blog", "shipping_info", "size_guide", "brand", "sale"]
ADD = ["add_to_cart", "quick_buy", "add_bundle"]
REMOVE = ["empty_cart", "cart_timeout"]
EVENTS = ["<pad>"] + PAGES + ADD + REMOVE
ev2id = {e: i for i, e in enumerate(EVENTS)}


def simulate():
    # most sessions are short, some go on forever
    n = min(CFG.max_len, 4 + int(random.expovariate(1 / 12)))
    events, filled = [], False
    for _ in range(n):
        r = random.random()
        if r < 0.13:
            events.append(random.choice(ADD))
            filled = True
        elif r < 0.26:
            events.append(random.choice(REMOVE))
            filled = False
        else:
            events.append(random.choice(PAGES))
    return events, int(filled)


seen, rows = set(), []
while len(rows) < CFG.n_train + CFG.n_valid:
    ev, y = simulate()
    if tuple(ev) in seen:
        continue
    seen.add(tuple(ev))
    rows.append((ev, y))
train_rows, valid_rows = rows[:CFG.n_train], rows[CFG.n_train:]
print("train", len(train_rows), "valid", len(valid_rows), "filled share", sum(y for _, y in rows) / len(rows))
lens = [len(e) for e, _ in rows]
print("length min/mean/max", min(lens), sum(lens) / len(lens), max(lens))


class SessionDataset(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        ev, y = self.rows[i]
        return torch.tensor([ev2id[e] for e in ev]), y


def collate(batch):
    xs, ys = zip(*batch)
    lengths = torch.tensor([len(x) for x in xs])
    x = pad_sequence(list(xs) + [torch.zeros(CFG.max_len, dtype=torch.long)], batch_first=True)[:-1]
    return x, lengths, torch.tensor(ys, dtype=torch.float)


class SessionModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(EVENTS), CFG.emb, padding_idx=0)
        self.rnn = nn.RNN(CFG.emb, CFG.hidden, batch_first=True)
        self.head = nn.Sequential(nn.Linear(CFG.hidden, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x, lengths):
        states, _ = self.rnn(self.emb(x))
        # fault:
        final = states[:, -1, :]
        # mended:
        #final = states[torch.arange(x.size(0)), lengths - 1, :]
        # end
        return self.head(final).squeeze(1)


train_loader = DataLoader(SessionDataset(train_rows), batch_size=CFG.bs, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(SessionDataset(valid_rows), batch_size=200, collate_fn=collate)

model = SessionModel()
opt = torch.optim.Adam(model.parameters(), lr=CFG.lr)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=CFG.lr, total_steps=CFG.epochs * len(train_loader))
bce = nn.BCEWithLogitsLoss()


@torch.no_grad()
def valid_fn(loader):
    model.eval()
    right = n = 0
    loss = 0.0
    for x, lengths, y in loader:
        out = model(x, lengths)
        loss += bce(out, y).item() * len(y)
        right += ((out > 0).float() == y).sum().item()
        n += len(y)
    return loss / n, right / n


for epoch in range(CFG.epochs):
    model.train()
    running = 0.0
    for x, lengths, y in train_loader:
        loss = bce(model(x, lengths), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        running += loss.item()
    vl, va = valid_fn(valid_loader)
    print(f"[{epoch}] train_loss={running / len(train_loader):.4f} valid_loss={vl:.4f} valid_acc={va:.4f}")

print("CV score:", round(valid_fn(valid_loader)[1], 4))
