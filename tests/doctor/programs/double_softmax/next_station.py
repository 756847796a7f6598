# Where does the card get swiped next?  Next-station model over the last five swipes (feed-forward, nn.Sequential).
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(12)
torch.manual_seed(12)
STATIONS = 240
FOLLOW = np.stack([rs.choice(STATIONS, 6, replace=False) for _ in range(STATIONS)])
SHARE = np.array([0.3, 0.22, 0.16, 0.13, 0.1, 0.09])


def traveller(n):
    s, out = rs.randint(STATIONS), []
    for _ in range(n):
        out.append(s)
        s = FOLLOW[s, rs.choice(6, p=SHARE)] if rs.rand() < 0.97 else rs.randint(STATIONS)
    return out


def windows(people):
    w = np.array([p[i:i + 6] for p in people for i in range(len(p) - 5)])
    return torch.tensor(w[:, :5]), torch.tensor(w[:, 5])


X, y = windows([traveller(22) for _ in range(1500)])
X_test, y_test = windows([traveller(22) for _ in range(120)])

net = nn.Sequential(
    nn.Embedding(STATIONS, 24),
    nn.Flatten(),
    nn.Linear(120, 96),
    nn.ReLU(),
    nn.Dropout(0.25),
    # fault:
    nn.Linear(96, STATIONS),
    nn.Softmax(dim=1),
    # mended:
    # nn.Linear(96, STATIONS),
    # end
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7, eta_min=3e-4)
print(f"{len(X)} windows, {STATIONS} stations")
for epoch in range(7):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(X)).split(128):
        optimizer.zero_grad()
        loss = criterion(net(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    net.eval()
    with torch.no_grad():
        out = net(X_test)
        rank = (out > out.gather(1, y_test[:, None])).sum(1) + 1
    print(f"epoch {epoch + 1}: train {total / len(X):.3f}  test {criterion(out, y_test).item():.3f}  "
          f"top-1 {(rank == 1).float().mean().item():.3f}  top-5 {(rank <= 5).float().mean().item():.3f}  MRR {(1 / rank).mean().item():.3f}")
