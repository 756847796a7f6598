"""
walking_bass.py -- learn to write a walking bass line under a chord progression
4 bars, 4 quarters each. The line is made by rule + some freedom, the network has to find the rule.
"""
import torch
from torch import nn
import numpy as np

R = np.random.RandomState(1959)
torch.manual_seed(1959)
ROOTS = ['C', 'D', 'Eb', 'F', 'G', 'A', 'Bb']
PC = dict(zip(ROOTS, [0, 2, 3, 5, 7, 9, 10]))
KINDS = {'maj7': [0, 4, 7, 9], 'm7': [0, 3, 7, 10]}
CHORDS = [(r, k) for r in ROOTS for k in KINDS]
START = 12                                  # pitch classes are 0..11


def tune():
    prog = R.randint(len(CHORDS), size=4)
    line = []
    for c in prog:
        root, kind = CHORDS[c]
        tones = [(PC[root] + i) % 12 for i in KINDS[kind]]
        # up or down the chord, the bar starts where it is nearest to where the last one stopped
        if line and min((line[-1] - tones[-1]) % 12, (tones[-1] - line[-1]) % 12) < \
                min((line[-1] - tones[0]) % 12, (tones[0] - line[-1]) % 12):
            tones = tones[::-1]
        line += tones
    return prog, line


tunes = {}
while len(tunes) < 1500:
    p, l = tune()
    tunes[tuple(p)] = l
progs = torch.tensor(list(tunes)); lines = torch.tensor(list(tunes.values()))
full = torch.cat([torch.full((len(lines), 1), START), lines], 1)
tr, te = slice(0, 1300), slice(1300, 1500)


class Combo(nn.Module):
    """Chord of the bar goes into every step of the bass player, who remembers with a GRU."""
    def __init__(self):
        super().__init__()
        self.chord = nn.Embedding(len(CHORDS), 24)
        self.note = nn.Embedding(13, 16)
        self.beat = nn.Embedding(4, 8)
        self.bass = nn.GRU(48, 64, batch_first=True)
        self.head = nn.Linear(64, 12)

    def forward(self, prog, notes, h=None, at=0):
        t = torch.arange(at, at + notes.shape[1])
        x = torch.cat([self.chord(prog)[:, t // 4], self.note(notes),
                       self.beat(t % 4).expand(len(notes), -1, -1)], -1)
        o, h = self.bass(x, h)
        return self.head(o), h

    @torch.no_grad()
    def play(self, prog):
        n, h, out = torch.full((len(prog), 1), START), None, []
        for t in range(16):
            lg, h = self(prog, n, h, t)
            n = lg.argmax(-1)
            out.append(n)
        return torch.cat(out, 1)


combo = Combo()
optimizer = torch.optim.Adam(combo.parameters(), lr=.008)
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, .01, total_steps=8 * 33)
ce = nn.CrossEntropyLoss()
for chorus in range(8):
    combo.train()
    swing = 0
    for b in torch.randperm(1300).split(40):
        song = full[tr][b]
        # fault:
        heard, wanted = song[:, 1:], song[:, 1:]
        # mended:
        # heard, wanted = song[:, :-1], song[:, 1:]
        # end
        out, _ = combo(progs[tr][b], heard)
        loss = ce(out.flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sched.step()
        swing += loss.item() / 33
    combo.eval()
    played = combo.play(progs[te])
    print('chorus %d  loss %.4f  notes right (new progressions) %.3f  whole lines %.3f' % (
        chorus + 1, swing, (played == lines[te]).float().mean(), (played == lines[te]).all(1).float().mean()))
print('train lines %.3f' % (combo.play(progs[tr][:200]) == lines[tr][:200]).float().mean())
