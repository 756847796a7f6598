"""
Reimplementation of the adding problem of
  Le, Jaitly, Hinton: A Simple Way to Initialize Recurrent Networks of Rectified Linear Units (2015)

Variant with more than two marks: about a quarter of the numbers of a long sequence are marked, and the
network reports the sum of the marked ones (divided by 2).
"""
import math
import torch

torch.manual_seed(3)

T = 30            # the paper goes to 400
N_HIDDEN = 32
N_TRAIN, N_VALID = 2400, 500
BATCH = 30
EPOCHS = 6


def adding_problem(n):
    numbers = torch.rand(n, T)
    marks = (torch.rand(n, T) < 0.25).float()
    total = (numbers * marks).sum(1) / 2
    return torch.stack([numbers, marks], dim=2), total


class IRNN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.RNN(2, N_HIDDEN, nonlinearity="relu", batch_first=True)
        self.readout = torch.nn.Linear(N_HIDDEN, 1)
        # the point of the paper: identity recurrence, zero biases
        torch.nn.init.eye_(self.rnn.weight_hh_l0)
        torch.nn.init.normal_(self.rnn.weight_ih_l0, std=0.03)
        torch.nn.init.zeros_(self.rnn.bias_hh_l0)
        torch.nn.init.zeros_(self.rnn.bias_ih_l0)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.readout(states[:, -1]).squeeze(-1)


x_train, y_train = adding_problem(N_TRAIN)
x_valid, y_valid = adding_problem(N_VALID)
net = IRNN()
opt = torch.optim.SGD(net.parameters(), lr=0.004, momentum=0.9)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)

for epoch in range(EPOCHS):
    perm = torch.randperm(N_TRAIN)
    sq, norms = 0.0, []
    for i in range(0, N_TRAIN, BATCH):
        idx = perm[i:i + BATCH]
        loss = torch.mean((net(x_train[idx]) - y_train[idx]) ** 2)
        opt.zero_grad()
        loss.backward()
        # fault:
        norm = math.sqrt(sum(p.grad.pow(2).sum().item() for p in net.parameters()))
        # mended:
        # norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5).item()
        # end
        opt.step()
        norms.append(norm)
        sq += loss.item() * len(idx)
    sched.step()
    with torch.no_grad():
        valid = torch.mean((net(x_valid) - y_valid) ** 2).item()
    print("epoch %d  train mse %.4f  valid mse %.4f  (baseline %.3f)  grad norm median %.3g max %.3g"
          % (epoch, sq / N_TRAIN, valid, y_valid.var().item(), sorted(norms)[len(norms) // 2], max(norms)))
