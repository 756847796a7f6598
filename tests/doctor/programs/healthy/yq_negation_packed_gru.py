import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

# The opinion of a remark is that of its last opinion word; "not" or "never" directly before it turns it round.
random.seed(11); torch.manual_seed(11)
GOOD = "good great fine lovely superb decent neat sweet".split()
BAD = "bad awful poor nasty grim dull weak sour".split()
REST = "the film a plot was and with some actor scene very music then i saw".split()
NEG = ["not", "never"]
itos = GOOD + BAD + REST + NEG
stoi = {w: i for i, w in enumerate(itos)}


def remark():
    words = [random.choice(REST) for _ in range(random.randint(2, 7))]
    label = None
    for _ in range(random.randint(1, 2)):
        pos = random.random() < 0.5
        flip = random.random() < 0.4
        words += ([random.choice(NEG)] if flip else []) + [random.choice(GOOD if pos else BAD)]
        label = int(pos != flip)
        words += [random.choice(REST) for _ in range(random.randint(0, 3))]
    return torch.tensor([stoi[w] for w in words]), label


seen = set(); rows = []
while len(rows) < 3600:
    r = remark()
    k = tuple(r[0].tolist())
    if k not in seen:
        seen.add(k); rows.append(r)
tr, te = rows[:3000], rows[3000:]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.look = nn.Embedding(len(itos), 12)
        self.gru = nn.GRU(12, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, seqs):
        packed = pack_sequence(seqs, enforce_sorted=False)
        # lookup on the packed data itself, so that no padded tensor ever exists
        emb = torch.nn.utils.rnn.PackedSequence(self.look(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, h = self.gru(emb)          # h comes back in the order of the batch
        return self.out(h[0]).squeeze(-1)


def loader(rows, size, shuffle):
    order = list(range(len(rows)))
    if shuffle:
        random.shuffle(order)
    for i in range(0, len(order), size):
        part = [rows[j] for j in order[i:i + size]]
        yield [p[0] for p in part], torch.tensor([float(p[1]) for p in part])


def test(m, rows):
    m.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader(rows, 200, False):
            hit += ((m(x) > 0) == (y > 0.5)).sum().item(); n += len(y)
    return hit / n


net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=4)
crit = nn.BCEWithLogitsLoss()
for epoch in range(4):
    net.train()
    run = []
    for x, y in loader(tr, 32, True):
        opt.zero_grad()
        l = crit(net(x), y)
        l.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        run.append(l.item())
    sched.step()
    print("epoch %d  loss %.4f  train %.4f  test %.4f" % (epoch + 1, sum(run) / len(run), test(net, tr[:800]), test(net, te)))
