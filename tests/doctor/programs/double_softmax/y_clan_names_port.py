# Which clan does a name come from?   (old TF1 graph of mine, rewritten: placeholders are gone, the rest is the same)
import numpy as np
import torch

rs = np.random.RandomState(77)
torch.manual_seed(77)

N_CLANS, NAME_LEN, ALPHA = 14, 8, 20
CONS, VOW = "bcdfghklmnprstvz", "aeio"
LETTERS = CONS + VOW

# every clan likes its own syllables
syllables = [c + v for c in CONS for v in VOW]
clans = [rs.choice(len(syllables), 9, replace=False) for _ in range(N_CLANS)]


def make_name(clan):
    out = ""
    while len(out) < NAME_LEN:
        if rs.rand() < 0.85:
            out += syllables[rs.choice(clans[clan])]
        else:
            out += syllables[rs.randint(len(syllables))]
    return out


names = {}
while len(names) < 4200:            # every name once
    clan = rs.randint(N_CLANS)
    names.setdefault(make_name(clan), clan)
x = torch.tensor([[LETTERS.index(c) for c in name] for name in names])
y = torch.tensor(list(names.values()))
x_train, y_train, x_test, y_test = x[:3500], y[:3500], x[3500:], y[3500:]


class Network(torch.nn.Module):
    """conv1d(64, 2) -> relu -> max over time -> fc(14)"""

    def __init__(self):
        super().__init__()
        self.char_lookup = torch.nn.Embedding(ALPHA, 16)
        self.conv = torch.nn.Conv1d(16, 96, kernel_size=2)
        self.fc = torch.nn.Linear(96, N_CLANS)

    def forward(self, chars):
        h = torch.relu(self.conv(self.char_lookup(chars).transpose(1, 2)))
        logits = self.fc(h.max(dim=2).values)
        # fault:
        return torch.softmax(logits, dim=1)
        # mended:
        # return logits
        # end


def run_epoch(net, loss_op, train_op, batch=32):
    total = 0.
    idx = torch.randperm(len(x_train))
    for s in range(0, len(idx), batch):
        rows = idx[s:s + batch]
        train_op.zero_grad()
        loss = loss_op(net(x_train[rows]), y_train[rows])
        loss.backward()
        train_op.step()
        total += loss.item() * len(rows)
    return total / len(idx)


net = Network()
loss_op = torch.nn.CrossEntropyLoss()
train_op = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(1, 8):
    net.train()
    cost = run_epoch(net, loss_op, train_op)
    net.eval()
    with torch.no_grad():
        pred = net(x_test)
        acc = (pred.argmax(1) == y_test).float().mean().item()
        test_cost = loss_op(pred, y_test).item()
    print("epoch %2d  cost %.4f  test cost %.4f  test accuracy %.3f" % (epoch, cost, test_cost, acc))
print("chance would be %.3f" % (1 / N_CLANS))
