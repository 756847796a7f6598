"""3-fold cross-validation of a small conv net on sklearn's 8x8 digits."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold

digits = load_digits()
images = (digits.images / 16.0).astype("float32")[:, None]
targets = digits.target


def build():
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(96, 10))


def fit_fold(train_idx, test_idx, seed, epochs=5, bs=50):
    torch.manual_seed(seed)
    model = build()
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    x, y = torch.from_numpy(images[train_idx]), torch.from_numpy(targets[train_idx])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * -(-len(x) // bs))
    for _ in range(epochs):
        model.train()
        total = 0.0
        for b in torch.randperm(len(x)).split(bs):
            loss = nn.functional.cross_entropy(model(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += float(loss) * len(b)
    model.eval()
    with torch.no_grad():
        acc = lambda i: (model(torch.from_numpy(images[i])).argmax(1).numpy() == targets[i]).mean()
        return total / len(x), acc(train_idx), acc(test_idx)


scores = []
for k, (a, b) in enumerate(StratifiedKFold(3, shuffle=True, random_state=0).split(images, targets)):
    loss, tr, te = fit_fold(a, b, seed=100 + k)
    print("fold %d  last loss %.4f  train acc %.4f  test acc %.4f" % (k, loss, tr, te))
    scores.append(te)
print("mean test accuracy %.4f +- %.4f" % (np.mean(scores), np.std(scores)))
