"""Spot machine-made host names (DGA malware) in resolver logs.  About one in twelve is bad, so the loss
weighs the bad ones up and we look at average precision, never at accuracy.  The averaged weights are used."""
import random
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve
from torch.utils.data import DataLoader, Dataset

random.seed(53)
torch.manual_seed(53)
CHARS = ".abcdefghijklmnopqrstuvwxyz0123456789-"
WIDTH = 14
PIECES = ("mail shop news blog cloud data play photo home travel bank food music game book city "
          "green blue fast easy smart my the top web net hub lab store zone").split()


def human():
    s = "".join(random.choices(PIECES, k=random.randint(2, 3)))
    if random.random() < 0.2:
        s += str(random.randint(1, 99))
    return s


def machine():
    alphabet = random.choice(["abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0123456789"])
    return "".join(random.choices(alphabet, k=random.randint(8, 14)))


class Hosts(Dataset):
    def __init__(self, n):
        self.bad = [random.random() < 0.08 for _ in range(n)]
        self.names = [machine() if b else human() for b in self.bad]

        # always the same width: long names are cut, short ones are repeated round and round
        self.ids = torch.tensor([[CHARS.index(c) for c in ((s + ".") * WIDTH)[:WIDTH]] for s in self.names])
        self.label = torch.tensor(self.bad).float()

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        return {"ids": self.ids[i], "bad": self.label[i]}


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.chars = nn.Embedding(len(CHARS), 8)
        self.conv = nn.Conv1d(8, 32, 3)
        self.out = nn.Linear(32, 1)

    def forward(self, ids):
        h = torch.relu(self.conv(self.chars(ids).transpose(1, 2)))
        return self.out(h.mean(-1)).squeeze(-1)


train, valid, test = Hosts(3000), Hosts(900), Hosts(1000)
pos = sum(train.bad)
net = Detector()
ema = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.97))
lossf = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - pos) / pos))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
lr = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=350)


def run(model, ds):
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(ds.ids))
    return ds.label.numpy(), p.numpy()


print(f"{pos} bad of {len(train)}")
for epoch in range(7):
    net.train()
    tot, steps = 0.0, 0
    for batch in DataLoader(train, batch_size=60, shuffle=True):
        opt.zero_grad()
        loss = lossf(net(batch["ids"]), batch["bad"])
        loss.backward()
        opt.step()
        lr.step()
        ema.update_parameters(net)
        tot, steps = tot + loss.item(), steps + 1
    print(f"epoch {epoch} loss {tot / steps:.4f} AP train {average_precision_score(*run(ema, train)):.3f} "
          f"valid {average_precision_score(*run(ema, valid)):.3f}")
y, p = run(ema, valid)
prec, rec, thr = precision_recall_curve(y, p)
f1 = 2 * prec * rec / (prec + rec + 1e-9)
t = thr[f1[:-1].argmax()]
y, p = run(ema, test)
print(f"test AP {average_precision_score(y, p):.3f}  F1 at {t:.2f}: {f1_score(y, p >= t):.3f}")
