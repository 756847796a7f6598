"""A light barrier reports parcels and their weight.  How much lies on the ramp at the end of the shift?

Plain recurrent net in ReLU with an identity start (Le et al. 2015), SGD with momentum.
"""
import numpy as np
import torch
import torch.nn as nn

SEED = 12
np.random.seed(SEED)
torch.manual_seed(SEED)

T, N_TRAIN, N_TEST, BATCH, EPOCHS = 60, 1280, 400, 32, 6


def shifts(n):
    busy = np.random.uniform(0.1, 0.5, (n, 1))
    into = np.random.rand(n, T) < busy
    weight = np.random.uniform(0, 1, (n, T))
    x = np.stack([weight, into], axis=2).astype(np.float32)
    y = (weight * into).sum(1) / 10.0
    return torch.from_numpy(x), torch.from_numpy(y.astype(np.float32))[:, None]


Xtr, Ytr = shifts(N_TRAIN)
Xte, Yte = shifts(N_TEST)


class RampNet(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(hidden, 1)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.05)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        nn.init.zeros_(self.rnn.bias_hh_l0)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1])


net = RampNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.4)
mse = nn.MSELoss()
print("variance of the target %.4f" % Yte.var().item())
for epoch in range(EPOCHS):
    net.train()
    total = 0.0
    for idx in torch.randperm(N_TRAIN).split(BATCH):
        optimizer.zero_grad()
        loss = mse(net(Xtr[idx]), Ytr[idx])
        loss.backward()
        # fault:
        # mended:
        # torch.nn.utils.clip_grad_norm_(net.parameters(), 0.1)
        # end
        optimizer.step()
        total += loss.item() * len(idx)
    scheduler.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} train mse {total / N_TRAIN:.5g} test mse {mse(net(Xte), Yte).item():.5g}")
