import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader
from scipy.stats import pearsonr

# Predict the mean star rating hidden in short and long product notes (each word carries a
# private score; the note's rating is the average of its words plus a bit of noise).

MAX_LEN, V, D = 60, 400, 24
g = np.random.default_rng(77)
torch.manual_seed(77)
word_score = g.normal(0, 1.0, V + 1)

def sample(n):
    ids = np.zeros((n, MAX_LEN), dtype=np.int64)
    y = np.zeros(n, dtype=np.float32)
    for i in range(n):
        L = int(np.clip(g.lognormal(2.2, 0.7), 3, MAX_LEN))
        mood = g.normal(0, 1)
        # moody writers choose from words near their mood
        cand = g.integers(1, V + 1, size=4 * L)
        keep = np.argsort(np.abs(word_score[cand] - mood) + g.exponential(1.0, 4 * L))[:L]
        w = cand[keep]
        ids[i, :L] = w
        y[i] = word_score[w].mean() + 0.1 * g.normal()
    return torch.from_numpy(ids), torch.from_numpy(y)

xtr, ytr = sample(2000)
xva, yva = sample(400)
train_loader = DataLoader(TensorDataset(xtr, ytr), batch_size=50, shuffle=True)

class NoteRegressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V + 1, D, padding_idx=0)
        self.fc1 = nn.Linear(D, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        e = self.embedding(x)
        # fault:
        pooled = e.mean(dim=1)
        # mended:
        # m = (x != 0).unsqueeze(-1).float()
        # pooled = (e * m).sum(dim=1) / m.sum(dim=1)
        # end
        return self.fc2(torch.tanh(self.fc1(pooled)))[:, 0]

model = NoteRegressor()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)

def report(x, y):
    model.eval()
    with torch.inference_mode():
        p = model(x)
    r2 = 1 - F.mse_loss(p, y) / y.var(unbiased=False)
    return r2.item(), pearsonr(p.numpy(), y.numpy())[0]

for epoch in range(6):
    model.train()
    total = 0.
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = F.mse_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(yb)
    scheduler.step()
    r2, r = report(xva, yva)
    print(f"epoch {epoch + 1:2d} | mse {total / len(ytr):.4f} | val R2 {r2:.3f} | val r {r:.3f}")

print("train R2 %.3f r %.3f" % report(xtr, ytr))
