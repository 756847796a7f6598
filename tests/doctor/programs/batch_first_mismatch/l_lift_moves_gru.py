# Where does the lift end up?  A list of moves in words -> below / at / above the floor we started from.
import random
import torch
import torch.nn as nn

random.seed(2); torch.manual_seed(2)
MOVES = {"up": 1, "upwards": 1, "rise": 1, "down": -1, "downwards": -1, "sink": -1, "wait": 0, "doors": 0, "double-up": 2, "double-down": -2}
vocab = {w: i for i, w in enumerate(MOVES)}
LEN = 14


def sample(n):
    xs, ys = [], []
    count = [0, 0, 0]
    while len(xs) < n:
        m = random.choices(list(MOVES), k=LEN)
        total = sum(MOVES[w] for w in m)
        label = 1 if total == 0 else (2 if total > 0 else 0)
        if count[label] >= n // 3 + 1:       # keep the three answers equally frequent
            continue
        count[label] += 1
        xs.append([vocab[w] for w in m]); ys.append(label)
    order = torch.randperm(n)
    return torch.tensor(xs)[order], torch.tensor(ys)[order]


x_train, y_train = sample(2400)
x_val, y_val = sample(480)


class LiftGRU(nn.Module):
    def __init__(self, n_words, emb=12, hid=24):
        super().__init__()
        self.embedding = nn.Embedding(n_words, emb)
        # fault:
        self.gru = nn.GRU(emb, hid)
        # mended:
        # self.gru = nn.GRU(emb, hid, batch_first=True)
        # end
        self.fc = nn.Linear(hid, 3)

    def forward(self, x):
        out, _ = self.gru(self.embedding(x))
        return self.fc(out[:, -1, :])


model = LiftGRU(len(vocab))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, gamma=0.3)
batch_size = 32

for epoch in range(6):
    model.train()
    perm = torch.randperm(len(x_train))
    running, correct = 0.0, 0
    for i in range(0, len(perm), batch_size):
        idx = perm[i:i + batch_size]
        optimizer.zero_grad()
        logits = model(x_train[idx])
        loss = criterion(logits, y_train[idx])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item() * len(idx)
        correct += (logits.argmax(1) == y_train[idx]).sum().item()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        val = torch.cat([model(x) for x in x_val.split(batch_size)])
        val_loss, val_acc = criterion(val, y_val).item(), (val.argmax(1) == y_val).float().mean().item()
    print("Epoch: %d | Train Loss: %.3f | Train Acc: %.1f%% | Val Loss: %.3f | Val Acc: %.1f%%" % (
        epoch + 1, running / len(perm), 100 * correct / len(perm), val_loss, 100 * val_acc))
