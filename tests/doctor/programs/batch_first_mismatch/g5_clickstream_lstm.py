"""Predict purchase intent from the last 16 events of a web session.

    python clickstream_lstm.py --hidden 24 --epochs 5
"""
import argparse
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, random_split

EVENTS = ["home", "search", "list", "filter", "detail", "zoom", "review", "size_guide", "wishlist", "cart_add",
          "cart_remove", "coupon", "shipping_info", "return_policy", "chat", "login", "scroll", "back", "newsletter", "blog"]
SEQ_LEN = 16


class Sessions(Dataset):
    """one row = (event ids, intent) with intent 0 browse, 1 compare, 2 buy"""
    profiles = {
        0: dict(home=3, blog=3, newsletter=2, scroll=4, back=2, search=1, list=2, detail=1),
        1: dict(search=3, list=3, filter=3, detail=3, review=3, zoom=2, wishlist=2, back=2, scroll=2, size_guide=1),
        2: dict(detail=2, size_guide=2, cart_add=2, coupon=2, shipping_info=2, return_policy=1, login=2, list=1, scroll=2, review=1, back=1),
    }

    def __init__(self, n, seed):
        rng = random.Random(seed)
        rows = {}
        while len(rows) < n:
            y = rng.choice([0, 1, 2])
            names, w = zip(*self.profiles[y].items())
            seq = []
            for t in range(SEQ_LEN):
                # the end of a session is mostly idling, whatever brought the visitor here
                if t >= SEQ_LEN - 3 or rng.random() < 0.35:
                    seq.append(rng.choice(["scroll", "back", "home", "search", "list", "detail", "chat"]))
                else:
                    seq.append(rng.choices(names, w)[0])
            rows[tuple(EVENTS.index(e) for e in seq)] = y
        self.rows = list(rows.items())

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        ids, y = self.rows[i]
        return torch.tensor(ids), y


class IntentLSTM(nn.Module):
    def __init__(self, n_events, emb_dim, hidden, n_out=3, dropout=0.2):
        super().__init__()
        self.embed = nn.Embedding(n_events, emb_dim)
        # fault:
        self.lstm = nn.LSTM(emb_dim, hidden)
        # mended:
        #self.lstm = nn.LSTM(emb_dim, hidden, batch_first=True)
        # end
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(hidden, n_out)

    def forward(self, x):
        out, _ = self.lstm(self.embed(x))
        return self.fc(self.drop(out[:, -1]))


def run_epoch(model, loader, criterion, optimizer=None):
    training = optimizer is not None
    model.train(training)
    total, correct, n = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            logits = model(x)
            loss = criterion(logits, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            total += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
            n += len(y)
    return total / n, correct / n


def parse():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--emb_dim", type=int, default=12)
    p.add_argument("--hidden", type=int, default=24)
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch_size", type=int, default=64)
    p.add_argument("--lr", type=float, default=8e-3)
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


if __name__ == "__main__":
    args = parse()
    torch.manual_seed(args.seed)
    full = Sessions(3600, args.seed)
    train_set, val_set = random_split(full, [3000, 600], generator=torch.Generator().manual_seed(args.seed))
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=args.batch_size)

    model = IntentLSTM(len(EVENTS), args.emb_dim, args.hidden)
    print(model)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.3)
    for epoch in range(args.epochs):
        tr = run_epoch(model, train_loader, criterion, optimizer)
        va = run_epoch(model, val_loader, criterion)
        scheduler.step()
        print(f"epoch {epoch}: train loss {tr[0]:.3f} acc {tr[1]:.3f} | val loss {va[0]:.3f} acc {va[1]:.3f}")
    print("validation accuracy: %.3f" % va[1])
