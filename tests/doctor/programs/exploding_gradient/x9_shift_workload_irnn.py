# Ticket log of a shift -> hours of work it will cause.
# Recurrent net of rectified units started at the identity (Le et al. 2015),
# plain SGD with momentum as in the paper.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
random.seed(3)

EVENTS = {
    'reset-password': .1, 'printer': .3, 'vpn': .4, 'disk-full': 1.0, 'outage': 2.5,
    'login': .1, 'update': .5, 'backup': .8, 'mail': .2, 'phone': .3, 'malware': 2.0,
    'resolved': -.4, 'duplicate': -.3, 'ping': 0., 'heartbeat': 0., 'noop': 0.,
}
NAMES = list(EVENTS)
STEPS = 60


def shift():
    mood = [random.random() ** 2 + .02 for _ in NAMES]
    log = random.choices(NAMES, mood, k=STEPS)
    hours = sum(EVENTS[e] for e in log) + random.gauss(0, 1)
    return [NAMES.index(e) for e in log], hours


rows = [shift() for _ in range(1500)]
ids = torch.tensor([r[0] for r in rows])
hrs = torch.tensor([r[1] for r in rows])
mu, sd = hrs[:1200].mean(), hrs[:1200].std()
target = (hrs - mu) / sd
tr, va = slice(0, 1200), slice(1200, None)


class IRNN(nn.Module):
    def __init__(self, n_in, n_hid):
        super().__init__()
        self.i2h = nn.Embedding(n_in, n_hid)
        nn.init.normal_(self.i2h.weight, 0, .05)
        self.h2h = nn.Linear(n_hid, n_hid)
        nn.init.eye_(self.h2h.weight)
        nn.init.zeros_(self.h2h.bias)
        self.head = nn.Linear(n_hid, 1)

    def forward(self, seq):
        x = self.i2h(seq)
        h = x.new_zeros(seq.size(0), x.size(2))
        for t in range(seq.size(1)):
            h = torch.relu(x[:, t] + self.h2h(h))
        return self.head(h).squeeze(1)


model = IRNN(len(NAMES), 24)
sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
EPOCHS = 8
for epoch in range(EPOCHS):
    if epoch == EPOCHS - 3:
        for g in sgd.param_groups:
            g['lr'] *= .2
    perm = torch.randperm(1200)
    run = []
    for chunk in perm.split(40):
        sgd.zero_grad()
        loss = F.mse_loss(model(ids[tr][chunk]), target[tr][chunk])
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        # end
        sgd.step()
        run.append(loss.item())
    with torch.no_grad():
        pred = model(ids[va])
        r2 = 1 - F.mse_loss(pred, target[va]) / target[va].var(unbiased=False)
    print('epoch %d  train mse %.4f  valid R2 %.3f' % (epoch + 1, sum(run) / len(run), r2))
