"""Frame classifier on discrete speech units.

Input: cluster ids of frames (as from a k-means codebook over MFCCs), output: one phone per frame. Utterances
differ in length; padded frames carry the label -100. Which phone a unit stands for depends on its
neighbours (coarticulation), so the window matters.
"""
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

N_PHONES, N_UNITS = 12, 30
gen = np.random.RandomState(99)
torch.manual_seed(99)

transition = gen.dirichlet(np.full(N_PHONES, 0.4), size=N_PHONES)
np.fill_diagonal(transition, 0)
transition /= transition.sum(1, keepdims=True)
emit = gen.dirichlet(np.full(N_UNITS, 0.12), size=N_PHONES)


def utterance():
    phones, units = [], []
    p = gen.randint(N_PHONES)
    for _ in range(gen.randint(4, 9)):
        n = gen.randint(2, 6)
        phones += [p] * n
        units += list(gen.choice(N_UNITS, n, p=emit[p]))
        p = gen.choice(N_PHONES, p=transition[p])
    return torch.as_tensor(np.array(units)), torch.as_tensor(np.array(phones))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.units = nn.Embedding(N_UNITS + 1, 16, padding_idx=N_UNITS)
        self.rnn = nn.GRU(16, 24, bidirectional=True)      # time first
        self.out = nn.Linear(48, N_PHONES)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.units(x), lengths, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.rnn(packed)[0])
        return self.out(y)


def make_batches(data, size, shuffle):
    # buckets of similar length, buckets in random order
    order = sorted(range(len(data)), key=lambda i: len(data[i][0]) + gen.rand())
    groups = [order[i:i + size] for i in range(0, len(order), size)]
    if shuffle:
        gen.shuffle(groups)
    for g in groups:
        xs, ys = zip(*[data[i] for i in g])
        yield (pad_sequence(xs, padding_value=N_UNITS), torch.tensor([len(x) for x in xs]),
               pad_sequence(ys, padding_value=-100))


def frame_error(model, data):
    model.eval()
    wrong = total = 0
    with torch.inference_mode():
        for x, n, y in make_batches(data, 100, False):
            keep = y != -100
            wrong += (model(x, n).argmax(-1) != y)[keep].sum().item()
            total += keep.sum().item()
    model.train()
    return wrong / total


train, dev = [utterance() for _ in range(800)], [utterance() for _ in range(200)]
tagger = Tagger()
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.015)
loss_fn = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(1, 5):
    if epoch == 4:
        for g in optimizer.param_groups:
            g["lr"] *= 0.2
    losses = []
    for x, n, y in make_batches(train, 32, True):
        out = tagger(x, n)
        loss = loss_fn(out.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tagger.parameters(), 2.0)
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: loss {np.mean(losses):.3f}  FER train {frame_error(tagger, train):.3f}  dev {frame_error(tagger, dev):.3f}")

# no context: best single phone per unit
table = np.zeros((N_UNITS, N_PHONES))
for u, p in train:
    np.add.at(table, (u.numpy(), p.numpy()), 1)
miss = np.concatenate([table.argmax(1)[u.numpy()] != p.numpy() for u, p in dev])
print(f"lookup per unit: FER {miss.mean():.3f}")
