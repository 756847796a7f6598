# Which mode is a melody in? Two-layer GRU, time-major input, note vectors on the circle of fifths read from a file.
import math, random
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(31); torch.manual_seed(31)
NOTES = [f"{n}{o}" for o in (3, 4, 5) for n in "C C# D D# E F F# G G# A A# B".split()]
SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 10], "blues": [0, 3, 5, 6, 7, 10]}
MODES = list(SCALES)

# vectors in word2vec text format: position on the circle of fifths, pitch class, height
with open("notes.vec", "w", encoding="utf-8") as f:
    f.write(f"{len(NOTES)} 6\n")
    for i, n in enumerate(NOTES):
        a, b = 2 * math.pi * (i * 7 % 12) / 12, 2 * math.pi * (i % 12) / 12
        v = [math.cos(a), math.sin(a), math.cos(b), math.sin(b), (i - 17.5) / 18, (i % 2) - 0.5]
        f.write(n + " " + " ".join(f"{x:.5f}" for x in v) + "\n")

with open("notes.vec", encoding="utf-8") as f:
    count, width = map(int, f.readline().split())
    stoi, mat = {"<pad>": 0}, np.zeros((count + 1, width), dtype=np.float32)
    for line in f:
        w, *v = line.split()
        stoi[w] = len(stoi)
        mat[stoi[w]] = v
print("note vectors", mat.shape)


def melody():
    mode = random.randrange(3)
    scale = SCALES[MODES[mode]]
    root = 12                                   # all melodies are transposed to C
    pos, seq = random.randrange(len(scale)), []
    for _ in range(random.randint(10, 24)):
        pos = max(-len(scale), min(2 * len(scale) - 1, pos + random.choice([-2, -1, -1, 0, 1, 1, 2])))
        o, k = divmod(pos, len(scale))
        seq.append(NOTES[root + 12 * o + scale[k]])
        if random.random() < 0.04:
            seq[-1] = random.choice(NOTES)
    return seq, mode


data = [melody() for _ in range(1100)]
train, dev = data[:850], data[850:]


def collate(rows):
    xs = [torch.tensor([stoi[n] for n in s]) for s, _ in rows]
    return pad_sequence(xs), torch.tensor([len(x) for x in xs]), torch.tensor([m for _, m in rows])   # (T, B)


class ModeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(mat), freeze=True, padding_idx=0)
        self.gru = nn.GRU(mat.shape[1], 40, num_layers=2, dropout=0.2)
        self.head = nn.Linear(40, 3)

    def forward(self, x, lens):
        _, h = self.gru(pack_padded_sequence(self.emb(x), lens, enforce_sorted=False))
        return self.head(h[-1])


net = ModeNet()
opt = torch.optim.RMSprop([p for p in net.parameters() if p.requires_grad], lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 9)
dl = torch.utils.data.DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)


def acc(rows):
    net.eval()
    with torch.no_grad():
        x, l, y = collate(rows)
        return (net(x, l).argmax(1) == y).float().mean().item()


for ep in range(1, 10):
    net.train()
    tot = 0
    for x, l, y in dl:
        loss = nn.functional.cross_entropy(net(x, l), y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() * len(y)
    sched.step()
    print(f"epoch {ep:2d} loss {tot / len(train):.3f} train {acc(train):.3f} dev {acc(dev):.3f}")
