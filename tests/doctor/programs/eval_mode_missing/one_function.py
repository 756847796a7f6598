# part-of-speech like tags for an invented language; the same function does an epoch of training or of evaluation
import random
import torch
import torch.nn as nn

random.seed(38); torch.manual_seed(38)
stems = {c: [f"{c}{i}" for i in range(40)] for c in "nvad"}
nextc = {"n": "vvd", "v": "dda", "a": "nn", "d": "nna"}
amb = [f"x{i}" for i in range(25)]                       # noun after d or a, else verb
words = sum(stems.values(), []) + amb
idx = {w: i + 1 for i, w in enumerate(words)}; tagid = {c: i for i, c in enumerate("nvad")}

def utterance():
    c, t, g = "d", [], []
    for _ in range(random.randint(5, 12)):
        prev, c = c, random.choice(nextc[c])
        if c in "nv" and random.random() < 0.4:
            c = "n" if prev in "da" else "v"
            t.append(random.choice(amb))
        else:
            t.append(random.choice(stems[c]))
        g.append(c)
    return t, g

def batches(rows, n, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), n):
        part = rows[i:i + n]
        x = nn.utils.rnn.pad_sequence([torch.tensor([idx[w] for w in t]) for t, _ in part], True)
        y = nn.utils.rnn.pad_sequence([torch.tensor([tagid[c] for c in g]) for _, g in part], True, -100)
        yield x, y

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(idx) + 1, 32, padding_idx=0)
        self.drop_in = nn.Dropout(0.6)
        self.rnn = nn.GRU(32, 48, batch_first=True, bidirectional=True)
        self.drop_out = nn.Dropout(0.6)
        self.fc = nn.Linear(96, 4)

    def forward(self, x):
        n = (x > 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.drop_in(self.emb(x)), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True)
        return self.fc(self.drop_out(h))

def run_epoch(model, rows, optimizer=None):
    # fault:
    training = optimizer is not None
    # mended:
    # training = optimizer is not None
    # model.train(training)
    # end
    tot, hit, n = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in batches(rows, 25, training):
            z = model(x)
            loss = nn.functional.cross_entropy(z.transpose(1, 2), y)
            if training:
                optimizer.zero_grad(); loss.backward(); optimizer.step()
            m = y >= 0
            hit += (z.argmax(2) == y)[m].sum().item(); n += m.sum().item(); tot += loss.item() * len(x)
    return tot / len(rows), hit / n

train = [utterance() for _ in range(900)]
dev = [u for u in (utterance() for _ in range(250)) if u not in train]
model = Net()
adam = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(8):
    a, b = run_epoch(model, train, adam), run_epoch(model, dev)
    print(f"epoch {epoch} train loss {a[0]:.3f} acc {a[1]:.3f} | dev loss {b[0]:.3f} acc {b[1]:.3f}")
