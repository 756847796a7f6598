"""Promoter or not? DNA windows, one-hot through a table that never changes, then a small CNN."""
import random

import torch
import torch.nn as nn

random.seed(30)
torch.manual_seed(30)
BASES = "ACGT"
LENGTH = 50


def window(promoter):
    s = [random.choice(BASES) for _ in range(LENGTH)]
    if promoter:
        at = random.randint(0, 15)
        gap = random.randint(15, 19)
        for motif, start in (("TTGACA", at), ("TATAAT", at + 6 + gap)):
            for i, base in enumerate(motif):
                if random.random() < 0.93:
                    s[start + i] = base
    return "".join(s)


data = {}
while len(data) < 2600:
    label = len(data) % 2
    data.setdefault(window(label), label)
rows = list(data.items())
random.shuffle(rows)
x = torch.tensor([[BASES.index(b) for b in s] for s, _ in rows])
y = torch.tensor([label for _, label in rows])
n = 2100


class Scanner(nn.Module):
    def __init__(self, filters=24):
        super().__init__()
        # one-hot on purpose: the filters stay readable as motifs
        self.onehot = nn.Embedding.from_pretrained(torch.eye(4), freeze=True)
        self.scan = nn.Conv1d(4, filters, 8)
        self.bn = nn.BatchNorm1d(filters)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(filters, 2)

    def forward(self, ids):
        h = self.onehot(ids).transpose(1, 2)
        h = torch.relu(self.bn(self.scan(h)))
        return self.out(self.drop(h.amax(dim=2)))


net = Scanner()
trainable = [p for p in net.parameters() if p.requires_grad]
optim = torch.optim.Adam(trainable, lr=8e-3, weight_decay=1e-4)
EPOCHS = 9
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optim, EPOCHS)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def check(x, y):
    net.eval()
    out = net(x)
    return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(EPOCHS):
    net.train()
    for idx in torch.randperm(n).split(42):
        loss = loss_fn(net(x[idx]), y[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
    cosine.step()
    print("epoch %d  train %.3f acc %.3f  held out %.3f acc %.3f" % (epoch + 1, *check(x[:n], y[:n]), *check(x[n:], y[n:])))

best = net.scan.weight.detach()[net.out.weight.detach()[1].argmax()]
print("strongest filter reads", "".join(BASES[i] for i in best.argmax(0)))
