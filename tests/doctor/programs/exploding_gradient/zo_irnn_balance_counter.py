# IRNN (Le, Jaitly & Hinton 2015) on a long counting problem: a stream of 60 symbols, some of them
# are "+1" and "-1" marks between noise letters; regress the final balance. ReLU recurrence that
# starts as the identity, plain SGD with momentum.
import torch
import torch.nn as nn

torch.manual_seed(0)
STEPS, NOISE, HID = 60, 6, 32
PLUS, MINUS = NOISE, NOISE + 1


def streams(n):
    x = torch.randint(0, NOISE, (n, STEPS))
    u = torch.rand(n, STEPS)
    x[u < 0.10] = PLUS
    x[u > 0.90] = MINUS
    y = (x == PLUS).sum(1) - (x == MINUS).sum(1)
    return x, y.float() / 4.0


class IRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Embedding(NOISE + 2, HID)
        self.rec = nn.Linear(HID, HID)
        self.read = nn.Linear(HID, 1)
        nn.init.normal_(self.inp.weight, std=0.1)
        nn.init.eye_(self.rec.weight)
        nn.init.zeros_(self.rec.bias)

    def forward(self, x):
        h = torch.zeros(len(x), HID)
        for e in self.inp(x).unbind(1):
            h = torch.relu(self.rec(h) + e)
        return self.read(h).squeeze(1)


x_train, y_train = streams(2000)
x_dev, y_dev = streams(400)
var = y_dev.var().item()
model = IRNN()
optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.6)

for epoch in range(6):
    model.train()
    order = torch.randperm(len(x_train))
    total = 0.0
    for idx in order.split(50):
        loss = nn.functional.mse_loss(model(x_train[idx]), y_train[idx])
        optimiser.zero_grad()
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 0.2)
        # end
        optimiser.step()
        total += loss.item() * len(idx)
    schedule.step()
    model.eval()
    with torch.no_grad():
        mse = nn.functional.mse_loss(model(x_dev), y_dev).item()
    print(f'epoch {epoch}: train mse {total / len(x_train):.4f}  dev mse {mse:.4f}  explained {1 - mse / var:.3f}')
