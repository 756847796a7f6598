"""Rare break-ins in login sessions (about 5 %), GRU over events in (T, B) layout. Ranked by score, so judged by average precision."""
import random
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, precision_recall_curve

random.seed(5); torch.manual_seed(5)
EVENTS = ["<pad>", "login_ok", "login_fail", "read", "write", "list", "logout", "sudo", "new_ip", "chmod", "scp_out", "idle"]
E = {e: i for i, e in enumerate(EVENTS)}


def session():
    ev = ["login_ok"] + random.choices(["read", "write", "list", "idle", "sudo", "chmod", "scp_out", "new_ip", "login_fail"], [6, 4, 5, 4, .7, .7, .7, .5, .7], k=random.randint(8, 13)) + ["logout"]
    bad = random.random() < 0.05
    if bad:       # the order makes the attack: new address, then root, then copying out
        where = sorted(random.sample(range(1, len(ev)), 3))
        for off, (i, e) in enumerate(zip(where, ["new_ip", "sudo", "scp_out"])):
            ev.insert(i + off, e)
    return torch.tensor([E[e] for e in ev]), float(bad)


def collate(rows):
    lengths = torch.tensor([len(s) for s, _ in rows])
    return nn.utils.rnn.pad_sequence([s for s, _ in rows]), lengths, torch.tensor([y for _, y in rows])


data = [session() for _ in range(6000)]
train, dev, test = data[:4400], data[4400:5200], data[5200:]


class Alarm(nn.Module):
    def __init__(self, n, d=12, h=24):
        super().__init__()
        self.emb, self.gru, self.out = nn.Embedding(n, d, padding_idx=0), nn.GRU(d, h), nn.Linear(h, 1)

    def forward(self, x, lengths):
        _, h = self.gru(nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False))
        return self.out(h[-1])[:, 0]


net = Alarm(len(EVENTS))
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(5.0))     # errs on the side of alarms, which are read by people
rate = sum(y for _, y in train) / len(train)
print(f"{rate:.3%} of the training sessions are attacks; a random ranking has AP {rate:.3f}")


@torch.no_grad()
def score(rows):
    net.eval()
    x, lengths, y = collate(rows)
    return y.numpy(), net(x, lengths).sigmoid().numpy()


for epoch in range(5):
    net.train()
    random.shuffle(train)
    for i in range(0, len(train), 40):
        x, lengths, y = collate(train[i:i + 40])
        loss = criterion(net(x, lengths), y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    print(f"{epoch}: AP train {average_precision_score(*score(train)):.3f}  dev {average_precision_score(*score(dev)):.3f}")

precision, recall, threshold = precision_recall_curve(*score(dev))
best = (2 * precision * recall / (precision + recall + 1e-9))[:-1].argmax()
y, p = score(test)
hit = p >= threshold[best]
print(f"threshold {threshold[best]:.2f} from dev -> test precision {(y[hit]).mean():.2f} recall {hit[y == 1].mean():.2f} alarms {hit.sum()} of {len(y)}")
