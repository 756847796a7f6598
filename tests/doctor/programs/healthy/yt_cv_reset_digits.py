import copy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold
from torch.utils.data import DataLoader, Subset, TensorDataset

torch.manual_seed(42)
np.random.seed(42)

digits = load_digits()
images = torch.tensor(digits.images / 16.0, dtype=torch.float32).unsqueeze(1)
targets = torch.tensor(digits.target, dtype=torch.long)
dataset = TensorDataset(images, targets)


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 24, 3, padding=1)
        self.bn = nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * 2 * 2, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.bn(self.conv2(x))), 2)
        return self.fc(x.flatten(1))


def evaluate(model, loader):
    model.eval()
    correct, n = 0, 0
    with torch.no_grad():
        for xb, yb in loader:
            correct += (model(xb).argmax(1) == yb).sum().item()
            n += len(yb)
    return correct / n


# one model and one optimizer object for all folds; both go back to their first state before each fold
model = SmallCNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.04, momentum=0.9)
first_weights = copy.deepcopy(model.state_dict())
first_opt = copy.deepcopy(optimizer.state_dict())

accs = []
for fold, (train_idx, valid_idx) in enumerate(KFold(n_splits=3, shuffle=True).split(np.arange(len(dataset))), start=1):
    model.load_state_dict(first_weights)
    optimizer.load_state_dict(copy.deepcopy(first_opt))
    train_loader = DataLoader(Subset(dataset, train_idx.tolist()), batch_size=64, shuffle=True)
    valid_loader = DataLoader(Subset(dataset, valid_idx.tolist()), batch_size=256)
    print(f"Fold {fold}: {len(train_idx)} train / {len(valid_idx)} valid")
    for epoch in range(4):
        model.train()
        running = 0.0
        for xb, yb in train_loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item()
        print(f"  epoch {epoch + 1} loss {running / len(train_loader):.4f}")
    accs.append(evaluate(model, valid_loader))
    print(f"  valid accuracy {accs[-1]:.4f}")

print("mean accuracy over folds: %.4f" % (sum(accs) / len(accs)))
