# genre of a chord progression; chord vectors ("chord2vec") are fine-tuned
import os
import random
import numpy as np
import torch
import torch.nn as nn


def seed_everything(seed=1):
    random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)


seed_everything()
NOTES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
KINDS = ["", "m", "7", "maj7", "m7", "dim", "sus4", "m7b5", "9", "6"]
STYLE = {"pop": {"": 6, "m": 4, "sus4": 1, "7": 1, "6": 1}, "jazz": {"maj7": 4, "m7": 4, "7": 4, "m7b5": 2, "9": 2, "6": 1, "": 1},
         "blues": {"7": 8, "9": 3, "": 2, "m7": 1, "6": 1}, "classical": {"": 5, "m": 4, "dim": 3, "7": 2, "m7b5": 1}}
GENRES = list(STYLE)
DIM = 16


def song():
    g = random.randrange(len(GENRES))
    k = random.randrange(12)
    kinds, w = zip(*STYLE[GENRES[g]].items())
    steps = random.choices([0, 2, 4, 5, 7, 9, 11], [5, 2, 1, 4, 4, 2, 1], k=random.randint(8, 16))
    return [NOTES[(k + s) % 12] + random.choices(kinds, w)[0] for s in steps], g


songs = [song() for _ in range(2600)]
train, dev = songs[:2100], songs[2100:]
chords = [n + q for n in NOTES for q in KINDS]
kind_vec = {q: np.random.randn(DIM) * 0.5 for q in KINDS}
rare = {"Ebm7b5", "F#9", "Abm7b5", "C#dim", "Bbm7b5", "F#sus4", "Ab6", "C#9", "Ebdim", "F#6", "B9", "Abdim"}
with open("chord2vec.txt", "w") as f:
    for c in chords:
        root = c[:2] if c[:2] in NOTES else c[0]
        if c not in rare:
            f.write(c + " " + " ".join("%.4f" % x for x in kind_vec[c[len(root):]] + 0.3 * np.random.randn(DIM)) + "\n")

stoi = {"<pad>": 0}
for s, _ in train:
    for c in s:
        stoi.setdefault(c, len(stoi))
stoi["<unk>"] = len(stoi)
# fault:
table = torch.empty(len(stoi), DIM)
# mended:
# table = torch.randn(len(stoi), DIM) * 0.5
# end
table[0] = 0
table[stoi["<unk>"]] = 0
found = 0
with open("chord2vec.txt") as f:
    for line in f:
        c, *v = line.split()
        if c in stoi:
            table[stoi[c]] = torch.tensor([float(x) for x in v])
            found += 1
print("vectors for", found, "of", len(stoi) - 2, "chords")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.rnn = nn.GRU(DIM, 32, batch_first=True)
        self.fc = nn.Linear(32, len(GENRES))

    def forward(self, x, lens):
        out, _ = self.rnn(nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False))
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, padding_value=-2.0)
        return self.fc(out.max(1).values)


def loader(data, bs, shuffle):
    def col(b):
        x = [torch.tensor([stoi.get(c, stoi["<unk>"]) for c in s]) for s, _ in b]
        return nn.utils.rnn.pad_sequence(x, batch_first=True), torch.tensor([len(i) for i in x]), torch.tensor([g for _, g in b])
    return torch.utils.data.DataLoader(data, bs, shuffle, collate_fn=col)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(7):
    net.train()
    tot = 0
    for x, n, y in loader(train, 30, True):
        loss = nn.functional.cross_entropy(net(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        ok = sum((net(x, n).argmax(1) == y).sum().item() for x, n, y in loader(dev, 100, False))
    print(f"epoch {epoch} loss {tot / len(train):.3f} dev {ok / len(dev):.3f}")
