# Predictive maintenance from machine log events, 8 % faults (kaggle inclass). LSTM over the events read BACKWARDS,
# the metric of the competition is average precision, so no resampling but pos_weight.
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

rs = np.random.RandomState(8)
torch.manual_seed(8)

event_names = ["start", "stop", "idle", "warmup", "tool_change", "door_open", "door_close", "coolant_low", "refill", "spike",
               "vibration", "reset", "operator_login", "operator_logout", "part_done", "part_reject"]
E = {n: i + 1 for i, n in enumerate(event_names)}
quiet = [E[n] for n in event_names if n not in ("vibration", "spike", "coolant_low", "refill")]


def machine_log():
    n = rs.randint(8, 17)
    ev = list(rs.choice(quiet, n))
    label = int(rs.rand() < 0.08)
    if label:            # a spike and then vibration after it, in this order
        a, b = sorted(rs.choice(n, 2, replace=False))
        ev[a], ev[b] = E["spike"], E["vibration"]
    elif rs.rand() < 0.3:
        a, b = sorted(rs.choice(n, 2, replace=False))
        ev[a], ev[b] = (E["vibration"], E["spike"]) if rs.rand() < 0.5 else (E["coolant_low"], E["refill"])
    if rs.rand() < 0.02:
        label = 1 - label
    return ev, label


logs = {}
while len(logs) < 3600:
    ev, label = machine_log()
    logs[tuple(ev)] = label
logs = list(logs.items())
MAXLEN = 16


def arrays(part):
    x = np.zeros((len(part), MAXLEN), dtype=np.int64)
    for i, (ev, _) in enumerate(part):
        x[i, MAXLEN - len(ev):] = ev[::-1]          # Keras habit: zeros in front, newest event first
    return torch.from_numpy(x), torch.tensor([float(l) for _, l in part])


x_train, y_train = arrays(logs[:2800])
x_val, y_val = arrays(logs[2800:])
print("faults: train %.3f val %.3f" % (y_train.mean(), y_val.mean()))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding_1 = nn.Embedding(len(E) + 1, 12, padding_idx=0)
        self.lstm_1 = nn.LSTM(12, 24, batch_first=True)
        self.dense_1 = nn.Linear(24, 1)
        with torch.no_grad():                       # unit_forget_bias=True
            self.lstm_1.bias_ih_l0[24:48] = 1.0

    def forward(self, x):
        out, (h, c) = self.lstm_1(self.embedding_1(x))
        return self.dense_1(h[-1]).squeeze(1)


model = Net()
pos_weight = (1 - y_train.mean()) / y_train.mean() * 0.5      # full weight gave too many alarms
bce = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
lr_sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4], gamma=0.2)


def predict(x):
    model.eval()
    with torch.no_grad():
        return model(x)


for epoch in range(6):
    model.train()
    p = torch.randperm(len(x_train))
    hist = []
    for i in range(0, len(p), 25):
        b = p[i:i + 25]
        loss = bce(model(x_train[b]), y_train[b])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        opt.step()
        hist.append(loss.item())
    lr_sched.step()
    z = predict(x_val)
    print("epoch %d - loss %.4f - val_loss %.4f - val_ap %.4f" % (
        epoch + 1, np.mean(hist), bce(z, y_val).item(), average_precision_score(y_val, z)))

for name, x, y in (("train", x_train, y_train), ("val", x_val, y_val)):
    z = predict(x)
    print(name, "AP %.3f F1 %.3f acc %.3f" % (average_precision_score(y, z), f1_score(y, z > 0), ((z > 0) == (y > 0.5)).float().mean()))
