# next-chord model for the songwriting helper
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
rnd = random.Random(3)

DEGREES = ["I", "ii", "iii", "IV", "V", "vi", "V7", "IVmaj7", "ii7", "vi7", "bVII", "Isus"]
IDX = {c: i for i, c in enumerate(DEGREES)}

# where a phrase likes to go from the last two chords
MOVES = {
    "I": ["vi", "IV", "V"], "ii": ["V", "V7"], "iii": ["vi", "IV"], "IV": ["V", "I", "ii"],
    "V": ["I", "vi"], "vi": ["ii", "IV"], "V7": ["I", "Isus"], "IVmaj7": ["iii", "V7"],
    "ii7": ["V7", "bVII"], "vi7": ["ii7", "IVmaj7"], "bVII": ["IV", "vi7"], "Isus": ["I", "IVmaj7"],
}


def song(length=13):
    cur, prev = rnd.choice(DEGREES), "I"
    out = [cur]
    while len(out) < length:
        opts = MOVES[cur]
        if rnd.random() < 0.12:
            nxt = rnd.choice(DEGREES)
        else:
            nxt = opts[IDX[prev] % len(opts)]
        prev, cur = cur, nxt
        out.append(cur)
    return out


seen, songs = set(), []
while len(songs) < 560:
    s = tuple(song())
    if s not in seen:
        seen.add(s)
        songs.append([IDX[c] for c in s])
data = torch.tensor(songs)
train, dev = data[:448], data[448:]


class ChordRNN(nn.Module):
    def __init__(self, n, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, n)

    def forward(self, x):
        y, _ = self.rnn(self.emb(x))
        return self.out(y)


net = ChordRNN(len(DEGREES))
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)


def evaluate(split):
    net.eval()
    with torch.no_grad():
        lg = net(split[:, :-1])
        tgt = split[:, 1:]
        loss = F.cross_entropy(lg.flatten(0, 1), tgt.flatten()).item()
        acc = (lg.argmax(-1) == tgt).float().mean().item()
    return loss, acc


BATCH = 28
for epoch in range(13):
    net.train()
    perm = torch.randperm(len(train))
    running = 0.0
    for start in range(0, len(train), BATCH):
        rows = train[perm[start:start + BATCH]]
        # fault:
        logits = net(rows[:, :-1])
        # mended:
        #optimizer.zero_grad()
        #logits = net(rows[:, :-1])
        # end
        loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        running += loss.item()
    if epoch % 3 == 0:
        l, a = evaluate(dev)
        print(f"{epoch:3d}  train {running / (len(train) / BATCH):.3f}   dev {l:.3f}   next-chord acc {a:.3f}")

common = torch.bincount(train.flatten()).argmax()
print("always", DEGREES[common], "would give", round((dev[:, 1:] == common).float().mean().item(), 3))
print("train acc", round(evaluate(train)[1], 3))
print("dev acc", round(evaluate(dev)[1], 3))

net.eval()
seq = [IDX["I"], IDX["vi"]]
with torch.no_grad():
    for _ in range(8):
        seq.append(net(torch.tensor([seq]))[0, -1].argmax().item())
print("sketch:", " - ".join(DEGREES[i] for i in seq))
