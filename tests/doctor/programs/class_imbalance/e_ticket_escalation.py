# Which support tickets will be escalated to second level? About one in thirty is.
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(31)
torch.manual_seed(31)

GENERAL = ("order account login password invoice delivery refund app screen button error page update question email "
           "address payment card monday yesterday customer help thanks hello team product number list print file "
           "phone change name cancel renew plan user admin report export slow").split()
HOT = "outage crash legal angry again urgent manager unacceptable lost breach deadline weeks".split()


def ticket():
    hot = random.random() < 0.035
    n = random.randint(8, 20)
    rate = 0.25 if hot else 0.06
    return [random.choice(HOT) if random.random() < rate else random.choice(GENERAL) for _ in range(n)], int(hot)


tickets = [ticket() for _ in range(9000)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(GENERAL + HOT)))}
ids = torch.zeros(len(tickets), 20, dtype=torch.long)
for r, (words, _) in enumerate(tickets):
    ids[r, :len(words)] = torch.tensor([vocab[w] for w in words])
labels = torch.tensor([y for _, y in tickets], dtype=torch.float)
train = TensorDataset(ids[:6500], labels[:6500])
x_dev, y_dev = ids[6500:], labels[6500:]
print("escalated:", Counter(labels.int().tolist()))


class TicketNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 12, padding_idx=0)
        self.hidden = nn.Linear(12, 12)
        self.out = nn.Linear(12, 1)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True).float()
        h = self.emb(x).sum(1) / n.sqrt()
        return self.out(torch.tanh(self.hidden(h)))[:, 0]


net = TicketNet()
# fault:
loss_fn = nn.BCEWithLogitsLoss()
# mended:
# rare = train.tensors[1].mean()
# loss_fn = nn.BCEWithLogitsLoss(pos_weight=(1 - rare) / rare)
# end
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.3)

for epoch in range(5):
    net.train()
    total = 0
    for x, y in DataLoader(train, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    sched.step()
    net.eval()
    with torch.no_grad():
        flag = net(x_dev) > 0
    tp = (flag & (y_dev == 1)).sum().item()
    recall = tp / (y_dev == 1).sum().item()
    spec = (~flag & (y_dev == 0)).sum().item() / (y_dev == 0).sum().item()
    print(f"epoch {epoch} loss {total / len(train):.4f}  flagged {flag.sum().item()}  recall {recall:.3f}  "
          f"accuracy {(flag == y_dev.bool()).float().mean():.3f}  balanced accuracy {(recall + spec) / 2:.3f}")
