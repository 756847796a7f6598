"""Leave-one-subject-out evaluation of a small GRU on (simulated) wrist accelerometer windows.

Five subjects, four activities. A subject has an own tempo, an own gain and an own way to wear the device.
"""
import math
import torch
from torch import nn

SUBJECTS, PER, T = 5, 140, 20
ACTS = ['sit', 'walk', 'run', 'wave']
g = torch.Generator().manual_seed(1234)


def window(act, tempo, gain, tilt):
    t = torch.arange(T).float()
    ph = torch.rand(1, generator=g).item() * 2 * math.pi
    f = {0: 0.0, 1: .10, 2: .21, 3: .16}[act] * tempo
    amp = {0: 0.0, 1: .6, 2: 1.2, 3: .9}[act] * gain
    x = amp * torch.sin(2 * math.pi * f * t + ph)
    y = amp * (0.3 if act == 3 else 0.8) * torch.cos(2 * math.pi * f * t + ph)
    z = 1.0 + amp * (0.9 if act == 3 else 0.2) * torch.sin(4 * math.pi * f * t + ph)
    c, s = math.cos(tilt), math.sin(tilt)
    w = torch.stack([c * x - s * z, y, s * x + c * z], -1)
    return w + 0.25 * torch.randn(T, 3, generator=g)


xs, ys, who = [], [], []
for sub in range(SUBJECTS):
    tempo = 0.9 + 0.2 * torch.rand(1, generator=g).item()
    gain = 0.8 + 0.4 * torch.rand(1, generator=g).item()
    tilt = -0.25 + 0.5 * torch.rand(1, generator=g).item()
    for i in range(PER):
        xs.append(window(i % 4, tempo, gain, tilt)); ys.append(i % 4); who.append(sub)
xs, ys, who = torch.stack(xs), torch.tensor(ys), torch.tensor(who)


class Recogniser(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.rnn = nn.GRU(3, hidden, batch_first=True)
        self.head = nn.Linear(hidden, len(ACTS))

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states.mean(1))        # windows have one length, nothing is padded

    def forget(self):
        for m in (self.rnn, self.head):
            m.reset_parameters()


torch.manual_seed(99)
net = Recogniser()
confusion = torch.zeros(4, 4, dtype=torch.long)
for left_out in range(SUBJECTS):
    net.forget()
    opt = torch.optim.Adam(net.parameters(), lr=3e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
    tr = (who != left_out).nonzero().squeeze(1)
    te = who == left_out
    for ep in range(5):
        net.train()
        s = 0.
        for b in tr[torch.randperm(len(tr))].split(40):
            loss = nn.functional.cross_entropy(net(xs[b]), ys[b])
            opt.zero_grad(); loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            s += loss.item() * len(b)
        sched.step()
    net.eval()
    with torch.no_grad():
        pred = net(xs[te]).argmax(1)
    confusion.index_put_((ys[te], pred), torch.ones(int(te.sum()), dtype=torch.long), accumulate=True)
    print(f'without subject {left_out}: train loss {s / len(tr):.3f}  accuracy on the subject {(pred == ys[te]).float().mean():.3f}')
print(confusion)
print('LOSO accuracy', round((confusion.diag().sum() / confusion.sum()).item(), 4))
