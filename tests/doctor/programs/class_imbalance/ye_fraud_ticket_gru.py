import argparse
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split
from sklearn.metrics import recall_score, balanced_accuracy_score, f1_score, roc_auc_score

parser = argparse.ArgumentParser(description="find support tickets that should go to the fraud desk")
parser.add_argument("--n", type=int, default=4000)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--bs", type=int, default=80)
parser.add_argument("--lr", type=float, default=4e-3)
parser.add_argument("--hidden", type=int, default=24)
args = parser.parse_args()

rng = np.random.RandomState(2)
torch.manual_seed(2)
V, LEN, HOT = 300, 12, 30        # words 0..29 turn up more often in fraud tickets


def tickets(n):
    y = (rng.rand(n) < 0.05).astype(int)
    x = rng.randint(HOT, V, size=(n, LEN))
    rate = np.where(y == 1, 0.28, 0.07)[:, None]
    hot = rng.rand(n, LEN) < rate
    x[hot] = rng.randint(0, HOT, size=hot.sum())
    return torch.from_numpy(x), torch.from_numpy(y)


class TicketNet(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.emb = nn.Embedding(V, 12)
        self.gru = nn.GRU(12, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        out, _ = self.gru(self.emb(x))
        return self.fc(out.mean(1))


X, Y = tickets(args.n)
Xv, Yv = tickets(1500)
loader = DataLoader(TensorDataset(X, Y), batch_size=args.bs, shuffle=True)
net = TicketNet(args.hidden)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# counts = torch.bincount(Y).float()
# criterion = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
# end
optimizer = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.05)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=args.epochs)


def evaluate(X, Y):
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(c) for c in X.split(500)])
    pred = logits.argmax(1).numpy()
    return (recall_score(Y, pred, zero_division=0), balanced_accuracy_score(Y, pred), f1_score(Y, pred, zero_division=0),
            roc_auc_score(Y, (logits[:, 1] - logits[:, 0]).numpy()))


print("fraud rate: train %.3f valid %.3f" % (Y.float().mean(), Yv.float().mean()))
for epoch in range(args.epochs):
    net.train()
    s = 0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        s += loss.item()
    scheduler.step()
    print("epoch %d loss %.4f | train recall %.3f bal.acc %.3f | valid recall %.3f bal.acc %.3f f1 %.3f auc %.3f" % (
        (epoch, s / len(loader)) + evaluate(X, Y)[:2] + evaluate(Xv, Yv)))
