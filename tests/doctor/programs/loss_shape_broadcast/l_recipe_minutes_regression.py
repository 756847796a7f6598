"""How long does this recipe take?  Sum of the steps, in minutes (regression on a short text)."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

SEED = 2021

def mean_absolute_error(t, p): return np.abs(t - p).mean()
def r2_score(t, p): return 1 - ((t - p) ** 2).sum() / ((t - t.mean()) ** 2).sum()


rs = np.random.RandomState(SEED)
torch.manual_seed(SEED)

STEP_MINUTES = dict(chop=4, slice=3, boil=12, fry=8, bake=35, roast=50, rest=15, chill=40, stir=2, knead=10, marinate=60, grill=14, whisk=3, simmer=25,
                    drain=1, peel=5, blend=2, steam=11, proof=45, plate=1)
FOOD = "onions carrots dough rice beans beef sauce potatoes fish eggs cream lentils peppers spinach".split()
MANNER = {"briefly": .7, "gently": 1.0, "thoroughly": 1.3, "": 1.0}


def write_recipe():
    words, minutes = [], 0.
    for step in rs.choice(list(STEP_MINUTES), rs.randint(3, 7), replace=False):
        manner = rs.choice(list(MANNER))
        words += [step, "the", rs.choice(FOOD)] + ([manner] if manner else []) + ["then"]
        minutes += STEP_MINUTES[step] * MANNER[manner]
    return " ".join(words[:-1]), minutes + rs.normal(0, 3)


recipes = [write_recipe() for _ in range(3000)]
texts, minutes = zip(*recipes)
vocab = {w: i for i, w in enumerate(sorted(set(" ".join(texts[:2400]).split())), start=1)}
maxlen = max(len(t.split()) for t in texts)
X = np.zeros((len(texts), maxlen), dtype=np.int64)
for i, t in enumerate(texts):
    ids = [vocab[w] for w in t.split() if w in vocab]
    X[i, :len(ids)] = ids
y = np.array(minutes, dtype=np.float32)
mean, std = y[:2400].mean(), y[:2400].std()
z = (y - mean) / std
train_dl = DataLoader(TensorDataset(torch.from_numpy(X[:2400]), torch.from_numpy(z[:2400])), batch_size=32, shuffle=True)


class RecipeTime(nn.Module):
    def __init__(self, vocab_size, dim=24):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, 32, kernel_size=4, padding=3)        # a step and its manner are close together
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        steps = (x != 0).float().unsqueeze(1)
        h = (h[:, :, :x.size(1)] * steps).sum(-1)          # minutes add up, so a sum and no mean
        # fault:
        return self.fc(h)
        # mended:
        # return self.fc(h).squeeze(1)
        # end


model = RecipeTime(len(vocab) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6, eta_min=1e-4)


def predict(a):
    model.eval()
    with torch.no_grad():
        return model(torch.from_numpy(a)).numpy().ravel() * std + mean


for epoch in range(6):
    model.train()
    losses = []
    for xb, yb in train_dl:
        pred = model(xb)
        loss = torch.mean((pred - yb) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch:2d}  mse {np.mean(losses):.4f}  valid MAE {mean_absolute_error(y[2400:], predict(X[2400:])):.2f} min")
print(f"R2 train {r2_score(y[:2400], predict(X[:2400])):.3f}  valid {r2_score(y[2400:], predict(X[2400:])):.3f}")
