# Listening to one part of an ensemble: given a snapshot of a score (eight players, each with the note being played)
# and the name of a player, name the note of that player.  Toy version of the attention paper for my thesis, ch. 2.
import math
import torch
from torch import nn

torch.manual_seed(9)
PLAYERS = ["flute", "oboe", "clarinet", "horn", "violin", "viola", "cello", "bass"]
NOTES = ["C", "Cis", "D", "Es", "E", "F", "Fis", "G", "As", "A", "B", "H"]
P, N = len(PLAYERS), len(NOTES)


def snapshots(n, g):
    """seating changes from concert to concert, so the place says nothing"""
    seats = torch.stack([torch.randperm(P, generator=g) for _ in range(n)])
    notes = torch.randint(N, (n, P), generator=g)
    asked = torch.randint(P, (n,), generator=g)
    answer = notes[seats == asked[:, None]]
    return seats, notes, asked, answer


g = torch.Generator().manual_seed(1)
TRAIN = snapshots(2000, g)
TEST = snapshots(300, g)


class Listener(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.player = nn.Embedding(P, d)
        self.note = nn.Embedding(N, d)
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d)
        self.name_it = nn.Linear(d, N)
        self.scale = math.sqrt(d)

    def forward(self, seats, notes, asked):
        q = self.query(self.player(asked))                       # n, d
        k = self.key(self.player(seats))                         # n, P, d
        v = self.note(notes)                                     # n, P, d
        e = torch.einsum("nd,npd->np", q, k) / self.scale
        # fault:
        a = torch.softmax(e, dim=0)
        # mended:
        # a = torch.softmax(e, dim=1)
        # end
        heard = torch.einsum("np,npd->nd", a, v)
        return self.name_it(heard)


ear = Listener()
adam = torch.optim.Adam(ear.parameters(), lr=1e-2)
xent = nn.CrossEntropyLoss()

for rehearsal in range(5):
    total = 0.
    for idx in torch.randperm(2000).split(40):
        seats, notes, asked, answer = (t[idx] for t in TRAIN)
        loss = xent(ear(seats, notes, asked), answer)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item()
    print("rehearsal", rehearsal + 1, "loss %.3f" % (total / 50))

# concert: one snapshot at a time, as they come
ear.eval()
right = 0
with torch.no_grad():
    for i in range(300):
        seats, notes, asked, answer = (t[i:i + 1] for t in TEST)
        right += int(ear(seats, notes, asked).argmax(1) == answer)
print("named rightly in concert: %d of 300 (%.3f)" % (right, right / 300))
