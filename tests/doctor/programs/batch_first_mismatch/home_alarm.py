#!/usr/bin/env python
# Smart home hub: given the last 24 events of the log, is the alarm armed right now?
import random

import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

EVENTS = ["alarm.arm", "alarm.disarm", "door.open", "door.close", "motion.hall", "motion.kitchen", "lamp.on", "lamp.off",
          "tv.on", "tv.off", "fridge.open", "heating.up", "heating.down", "bell.ring", "window.open", "window.close"]
WINDOW = 24


def window():
    ev, state = [], None
    while state is None:
        ev, state = [], None
        for _ in range(WINDOW):
            r = random.random()
            e = 0 if r < 0.06 else 1 if r < 0.12 else random.randrange(2, len(EVENTS))
            if e < 2:
                state = 1 - e
            ev.append(e)
    return ev, state


class EventLog(torch.utils.data.Dataset):
    def __init__(self, n):
        self.rows = [window() for _ in range(n)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(rows):
    events, labels = zip(*rows)
    return {"events": torch.tensor(events).t().contiguous(),        # time first
            "armed": torch.tensor(labels, dtype=torch.float)}


class HubModel(nn.Module):
    def __init__(self, emb=16, hidden=32):
        super().__init__()
        self.event = nn.Embedding(len(EVENTS), emb)
        # fault:
        self.memory = nn.GRU(emb, hidden, batch_first=True)
        # mended:
        # self.memory = nn.GRU(emb, hidden)
        # end
        self.head = nn.Sequential(nn.Linear(hidden, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, events):
        states, _ = self.memory(self.event(events))
        return self.head(states[-1]).squeeze(1)


def run_epoch(model, loader, crit, opt=None):
    model.train(opt is not None)
    total, right, n = 0.0, 0, 0
    with torch.set_grad_enabled(opt is not None):
        for batch in loader:
            logit = model(batch["events"])
            loss = crit(logit, batch["armed"])
            if opt is not None:
                opt.zero_grad(set_to_none=True)
                loss.backward()
                opt.step()
            total += loss.item() * len(logit)
            right += ((logit > 0).float() == batch["armed"]).sum().item()
            n += len(logit)
    return total / n, right / n


def main():
    train = torch.utils.data.DataLoader(EventLog(2200), batch_size=50, shuffle=True, collate_fn=collate)
    test = torch.utils.data.DataLoader(EventLog(600), batch_size=50, collate_fn=collate)
    model = HubModel()
    crit = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(model.parameters(), lr=6e-3)
    for epoch in range(4):
        tl, ta = run_epoch(model, train, crit, opt)
        vl, va = run_epoch(model, test, crit)
        print(f"[{epoch}] train {tl:.3f}/{ta:.3f}   test {vl:.3f}/{va:.3f}")


if __name__ == "__main__":
    main()
