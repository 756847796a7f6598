"""Fault type of a machine from its last 32 log events: an encoder that averages over time.

All windows have the same length, so there is no padding to think about here (see part 2).
"""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(2)
torch.manual_seed(2)

WINDOW = 32
BATCH_SIZE = 32
STATES = ["normal", "overheating", "wear", "network"]
NORMAL = ["START", "STOP", "LOAD", "UNLOAD", "HEARTBEAT", "TOOL_CHANGE", "DOOR_OPEN", "DOOR_CLOSE", "CALIBRATE", "IDLE"]
SIGNS = {
    "normal": ["HEARTBEAT", "LOAD", "UNLOAD"],
    "overheating": ["TEMP_HIGH", "FAN_ON", "COOLANT_LOW", "PAUSE"],
    "wear": ["VIBRATION", "TOOL_CHANGE", "SPINDLE_WARN", "CALIBRATE"],
    "network": ["TIMEOUT", "RETRY", "RECONNECT", "PAUSE"],
}
EVENTS = sorted(set(NORMAL) | {e for signs in SIGNS.values() for e in signs})
INDEX = {e: i for i, e in enumerate(EVENTS)}


def record(state):
    window = []
    for _ in range(WINDOW):
        r = random.random()
        if r < 0.10:
            window.append(random.choice(SIGNS[state]))
        elif r < 0.16:
            window.append(random.choice(SIGNS[random.choice(STATES)]))
        else:
            window.append(random.choice(NORMAL))
    return window


def make_dataset(n):
    labels = [i % len(STATES) for i in range(n)]
    windows = [[INDEX[e] for e in record(STATES[y])] for y in labels]
    return TensorDataset(torch.tensor(windows), torch.tensor(labels))


class EventEncoder(nn.Module):
    """Embeds every event together with its neighbours and averages."""

    def __init__(self, n_events, dim=32, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(n_events, dim)
        self.conv = nn.Conv1d(dim, hidden, kernel_size=3, padding=1)

    def forward(self, x):
        h = torch.relu(self.conv(self.embedding(x).transpose(1, 2)))
        h = h.transpose(1, 2)
        # fault:
        return h.mean(dim=0)
        # mended:
        #return h.mean(dim=1)
        # end


class FaultClassifier(nn.Module):
    def __init__(self, n_events, n_classes, hidden=64):
        super().__init__()
        self.encoder = EventEncoder(n_events, hidden=hidden)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(hidden, n_classes))

    def forward(self, x):
        return self.head(self.encoder(x))


def run_epoch(model, loader, criterion, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = correct = seen = 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            logits = model(x)
            loss = criterion(logits, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
            seen += len(y)
    return loss_sum / seen, correct / seen


train_loader = DataLoader(make_dataset(2400), batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
valid_loader = DataLoader(make_dataset(640), batch_size=BATCH_SIZE, shuffle=True, drop_last=True)

model = FaultClassifier(len(EVENTS), len(STATES))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)

for epoch in range(1, 8):
    train_loss, train_acc = run_epoch(model, train_loader, criterion, optimizer)
    valid_loss, valid_acc = run_epoch(model, valid_loader, criterion)
    print(f"[{epoch}] train {train_loss:.3f} ({train_acc:.3f})   valid {valid_loss:.3f} ({valid_acc:.3f})")
