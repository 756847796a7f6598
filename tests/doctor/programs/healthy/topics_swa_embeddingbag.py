"""Stochastic weight averaging over the last epochs (torch.optim.swa_utils), EmbeddingBag with tf weights."""
import random
import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel

random.seed(12); torch.manual_seed(12)
TOPIC = ["match goal team coach league score".split(), "election vote senate law minister party".split(),
         "film actor scene director drama cinema".split(), "virus doctor patient vaccine clinic symptom".split()]
COMMON = "the of and in to a said on for with was new year people after first more time".split()
VOC = {w: i for i, w in enumerate(COMMON + sum(TOPIC, []))}


def text():
    y = random.randrange(4)
    t = [random.choice(TOPIC[y if random.random() < 0.75 else random.randrange(4)]) for _ in range(random.randint(3, 7))]
    return t + random.choices(COMMON, k=random.randint(8, 20)), y


rows = [text() for _ in range(2600)]


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag(len(VOC), 12, mode="sum")
        self.out = nn.Linear(12, 4)

    def forward(self, flat, off, w):
        return self.out(self.table(flat, off, per_sample_weights=w))


def batch(rs):
    flat, off, w, y = [], [], [], []
    for t, lab in rs:
        off.append(len(flat))
        for u in sorted(set(t)):
            flat.append(VOC[u])
            w.append(t.count(u) / len(t))
        y.append(lab)
    return torch.tensor(flat), torch.tensor(off), torch.tensor(w), torch.tensor(y)


net = Bag()
swa = AveragedModel(net)
opt = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9, nesterov=True)
swa_sched = SWALR(opt, swa_lr=0.3, anneal_epochs=2)
train, test = rows[:2000], rows[2000:]
lossf = nn.CrossEntropyLoss()
for epoch in range(7):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 2000, 40):
        *x, y = batch(train[i:i + 40])
        loss = lossf(net(*x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() / 50
    if epoch >= 3:
        swa.update_parameters(net)
        swa_sched.step()
    *x, y = batch(test)
    with torch.no_grad():
        a = (net(*x).argmax(1) == y).float().mean()
        b = (swa(*x).argmax(1) == y).float().mean() if epoch >= 3 else float("nan")
    print(f"epoch {epoch} loss {tot:.4f} test {a:.4f} averaged {b:.4f}")
