# From the "classifying names" tutorial, rewritten for my own fantasy name generator (elf / dwarf / orc / human).
# Needed for my text adventure: guess the people from a name the player types.
import random
import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)

PARTS = {
    "elf":   "ael lia thi rie lor syl nae fae il wen".split(),
    "dwarf": "dur bom gra kin thor bal dwa gim rik nor".split(),
    "orc":   "ugh zog mak gru sha rok naz uz krak gor".split(),
    "human": "ed wil an mar ber ric tho alf hen ton".split(),
}
PEOPLES = list(PARTS)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

names = set()
while len(names) < 1500:
    p = random.choice(PEOPLES)
    parts = random.choices(PARTS[p], k=random.choice([2, 3, 3]))
    if random.random() < 0.15:
        parts[0] = random.choice(PARTS[random.choice(PEOPLES)])
    names.add(("".join(parts), p))
names = sorted(names)
random.shuffle(names)
train, test = names[:1200], names[1200:]
test = [t for t in test if t[0] not in {n for n, _ in train}]

class GRUNames(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(27, 16, padding_idx=0)
        self.gru = nn.GRU(16, hidden)
        self.out = nn.Linear(hidden, len(PEOPLES))

    def forward(self, seqs):
        packed = nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False)
        packed = nn.utils.rnn.PackedSequence(self.emb(packed.data + 1), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, h = self.gru(packed)
        return self.out(h[-1])

def make(batch):
    return [torch.tensor([LETTERS.index(c) for c in n]) for n, _ in batch], torch.tensor([PEOPLES.index(p) for _, p in batch])

rnn = GRUNames()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(rnn.parameters(), lr=0.15, momentum=0.9)

def evaluate(rows):
    rnn.eval()
    with torch.no_grad():
        x, y = make(rows)
        return (rnn(x).argmax(1) == y).float().mean().item()

for epoch in range(1, 6):
    rnn.train()
    random.shuffle(train)
    current = 0.0
    for i in range(0, len(train), 30):
        x, y = make(train[i:i + 30])
        loss = criterion(rnn(x), y)
        # fault:
        # mended:
        # optimizer.zero_grad()
        # end
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), 5.0)
        optimizer.step()
        current += loss.item() * len(y)
    print(f"{epoch:2d}  loss {current / len(train):.4f}  train {evaluate(train):.3f}  test {evaluate(test):.3f}")

for guess in ["thoric", "ugzog", "sylwen"]:
    with torch.no_grad():
        print(guess, "->", PEOPLES[rnn(make([(guess, "elf")])[0]).argmax().item()])
