# Plant alarms: most are harmless, some need a technician, a few a stop of the line. Which one is it from the operator's note?
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

np.random.seed(27)
torch.manual_seed(27)
CLASSES, SHARE = ["harmless", "technician", "stop"], [0.93, 0.045, 0.025]
V, T, N = 200, 14, 7000
base = np.random.dirichlet(np.full(V, 3.0))
boost = np.ones((3, V))
for k in (1, 2):
    boost[k, np.random.choice(V, 24, replace=False)] = 4.0
probs = base * boost
probs /= probs.sum(1, keepdims=True)

labels = np.random.choice(3, N, p=SHARE)
notes = np.stack([np.random.choice(V, T, p=probs[k]) for k in labels])
x, y = torch.from_numpy(notes), torch.from_numpy(labels)
x_train, y_train, x_dev, y_dev = x[:5000], y[:5000], x[5000:], y[5000:]
count = torch.bincount(y_train)
print("training notes per class", dict(zip(CLASSES, count.tolist())))

train_set = TensorDataset(x_train, y_train)
# fault:
loader = DataLoader(train_set, batch_size=50, shuffle=True)
# mended:
# loader = DataLoader(train_set, batch_size=50, sampler=WeightedRandomSampler(1.0 / count[y_train], len(train_set)))
# end


class NoteModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(V, 6, mode="mean")
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.drop(self.emb(x)))


def evaluate(model):
    model.eval()
    with torch.no_grad():
        pred = model(x_dev).argmax(1)
    model.train()
    recall = [(pred[y_dev == k] == k).float().mean().item() for k in range(3)]
    return (pred == y_dev).float().mean().item(), recall, torch.bincount(pred, minlength=3).tolist()


model = NoteModel()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    losses = []
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    acc, recall, answers = evaluate(model)
    print(f"epoch {epoch + 1} loss {np.mean(losses):.3f} accuracy {acc:.3f} balanced accuracy {np.mean(recall):.3f} "
          f"recall {[round(r, 2) for r in recall]} answers {answers}")
