# Pharmacovigilance: find the hospital stays with a drug interaction worth a pharmacist's visit.
# A stay is a list of drug codes (any number from 4 to 9).
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, recall_score
from torch.nn.utils.rnn import pad_sequence

rng = np.random.default_rng(17)
torch.manual_seed(17)

N_DRUGS = 60
burden = np.zeros(N_DRUGS)
burden[rng.choice(N_DRUGS, 14, replace=False)] = rng.uniform(0.7, 1.3, 14)


def stays(n):
    found = {}
    while len(found) < n:
        drugs = tuple(sorted(rng.choice(N_DRUGS, rng.integers(4, 10), replace=False)))
        logit = 1.5 * (burden[list(drugs)].sum() - 1.4) - 3.9
        found[drugs] = int(rng.random() < 1 / (1 + np.exp(-logit)))
    xs = pad_sequence([torch.tensor(d) + 1 for d in found], batch_first=True)
    ys = torch.tensor(list(found.values()))
    return xs, ys


xs, ys = stays(12000)
cut = 9000
train_x, train_y, test_x, test_y = xs[:cut], ys[:cut], xs[cut:], ys[cut:]
print(f"{cut} stays for training, {int(train_y.sum())} with an event; {len(test_y)} for testing, {int(test_y.sum())} with an event")


class StayModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.drug = nn.EmbeddingBag(N_DRUGS + 1, 8, mode="sum", padding_idx=0)
        self.net = nn.Sequential(nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2))
        nn.init.normal_(self.drug.weight, std=0.1)
        with torch.no_grad():
            self.drug.weight[0] = 0

    def forward(self, ids):
        return self.net(self.drug(ids))


model = StayModel()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
#freq = torch.bincount(train_y).float()
#criterion = nn.CrossEntropyLoss(weight=freq.sum() / (2 * freq))
# end
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)


def predict(xs):
    model.eval()
    with torch.no_grad():
        return model(xs).argmax(1)


for epoch in range(1, 11):
    model.train()
    total = 0.0
    for idx in torch.randperm(cut).split(100):
        loss = criterion(model(train_x[idx]), train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 2 == 0:
        p, q = predict(train_x), predict(test_x)
        print(f"epoch {epoch:2d} loss {total / (cut / 100):.3f}  balanced acc train {balanced_accuracy_score(train_y, p):.3f} "
              f"test {balanced_accuracy_score(test_y, q):.3f}")

flag = predict(test_x)
print("stays flagged: %d" % int(flag.sum()))
print("events found (recall): %.3f" % recall_score(test_y, flag))
print("balanced accuracy: %.3f" % balanced_accuracy_score(test_y, flag))
