# %% [markdown]
# Spotting the rare broken machine in event logs: one in twelve days ends with a failure, so the loss gets a `pos_weight`
# and we look at average precision and balanced accuracy instead of accuracy.

# %%
import numpy as np
import torch
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(31)
torch.manual_seed(31)

EVENTS = ["pad", "start", "stop", "door", "feed", "clean", "heat", "cool", "lube", "tool", "spin_up", "spin_down", "jam", "retry",
          "temp_hi", "volt_lo", "vibration", "operator", "scan", "idle"] + [f"job_{i}" for i in range(20)]
ID = {e: i for i, e in enumerate(EVENTS)}
LENGTH = 24


def day():
    n = int(rng.integers(12, LENGTH + 1))
    seq = list(rng.integers(1, len(EVENTS), n))
    seq = [ID["idle"] if e in (ID["vibration"], ID["volt_lo"]) and rng.random() < 0.6 else int(e) for e in seq]
    fails = rng.random() < 1 / 12
    if fails:
        # vibration straight after the spindle starts, or a jam that is retried
        at = int(rng.integers(0, n - 1))
        seq[at:at + 2] = [ID["spin_up"], ID["vibration"]] if rng.random() < 0.5 else [ID["jam"], ID["retry"]]
    else:
        for i in range(n - 1):
            if (seq[i], seq[i + 1]) in ((ID["spin_up"], ID["vibration"]), (ID["jam"], ID["retry"])):
                seq[i] = ID["scan"]
    return seq + [0] * (LENGTH - n), float(fails)


days = [day() for _ in range(5000)]
X, y = torch.tensor([d[0] for d in days]), torch.tensor([d[1] for d in days])
train_x, train_y, test_x, test_y = X[:4000], y[:4000], X[4000:], y[4000:]
print(f"failures: train {train_y.mean():.3f}, test {test_y.mean():.3f}")


# %%
class LogCNN(nn.Module):
    def __init__(self, dim=16, maps=32):
        super().__init__()
        self.emb = nn.Embedding(len(EVENTS), dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, maps, 2)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(maps, 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        real = (x[:, 1:] != 0).unsqueeze(1)
        return self.fc(self.drop(h.masked_fill(~real, 0.0).amax(-1))).squeeze(-1)


model = LogCNN()
weight = (1 - train_y.mean()) / train_y.mean()
criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=64, shuffle=True)


def scores(xs, ys):
    model.eval()
    with torch.no_grad():
        z = model(xs)
    return criterion(z, ys).item(), average_precision_score(ys, z), balanced_accuracy_score(ys, z > 0)


# %%
for epoch in range(10):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        criterion(model(xb), yb).backward()
        optimizer.step()
    a, b = scores(train_x, train_y), scores(test_x, test_y)
    print(f"epoch {epoch}: train loss {a[0]:.3f} AP {a[1]:.3f} | test loss {b[0]:.3f} AP {b[1]:.3f} balanced accuracy {b[2]:.3f}")
