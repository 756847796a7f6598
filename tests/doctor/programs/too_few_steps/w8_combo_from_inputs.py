# Reads a fighting game's input log (last 12 buttons) and tells which special move
# the player was going for.  Used for the "did you mean" hints in the training room.
import random
import torch
from torch import nn

BUTTONS = ['up', 'down', 'left', 'right', 'lp', 'mp', 'hp', 'lk', 'mk', 'hk']
SPECIALS = {
    'fireball': ('down', 'right', 'hp'),
    'uppercut': ('right', 'down', 'hp'),
    'hurricane': ('down', 'left', 'hk'),
    'slide': ('left', 'down', 'hk'),
    'throw': ('lp', 'lk', 'left'),
    'parry': ('mp', 'right', 'mk'),
}
NAMES = list(SPECIALS)
B = {b: i for i, b in enumerate(BUTTONS)}
LOG = 12

random.seed(8)
torch.manual_seed(8)


def fake_log():
    label = random.randrange(len(NAMES))
    keys = [random.choice(['up', 'lp', 'mp', 'lk', 'mk', 'up']) for _ in range(LOG)]
    where = sorted(random.sample(range(LOG), 3))
    for w, b in zip(where, SPECIALS[NAMES[label]]):
        keys[w] = b
    return [B[k] for k in keys], label


logs = [fake_log() for _ in range(3600)]
X = torch.tensor([k for k, _ in logs])
Y = torch.tensor([l for _, l in logs])
Xtr, Ytr, Xte, Yte = X[:3000], Y[:3000], X[3000:], Y[3000:]


class InputReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.buttons = nn.Embedding(len(BUTTONS), 16)
        self.rnn = nn.GRU(16, 32, batch_first=True)
        self.head = nn.Linear(32, len(NAMES))

    def forward(self, x):
        _, h = self.rnn(self.buttons(x))
        return self.head(h[-1])


reader = InputReader()
optim = torch.optim.Adam(reader.parameters(), lr=2.5e-3)
ce = nn.CrossEntropyLoss()


@torch.no_grad()
def hit_rate(x, y):
    reader.eval()
    r = (reader(x).argmax(-1) == y).float().mean().item()
    reader.train()
    return r


# fault:
PASSES = 1
# mended:
# PASSES = 8
# end
SIZE = 75
step, recent = 0, []
for p in range(PASSES):
    order = torch.randperm(len(Xtr))
    for part in order.split(SIZE):
        loss = ce(reader(Xtr[part]), Ytr[part])
        optim.zero_grad()
        loss.backward()
        optim.step()
        step += 1
        recent.append(loss.item())
        if step % (8 * PASSES) == 0:
            print(f'step {step:4d}  loss {sum(recent) / len(recent):.3f}  test {hit_rate(Xte, Yte):.3f}')
            recent = []

print('train', round(hit_rate(Xtr, Ytr), 3), 'test', round(hit_rate(Xte, Yte), 3))
for n, name in enumerate(NAMES):
    m = Yte == n
    print(f'  {name:10s} {hit_rate(Xte[m], Yte[m]):.2f}')
