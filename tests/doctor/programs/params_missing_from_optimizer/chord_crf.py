# Chord labels for a melody: emission scores per note, linear-chain CRF on top
# (forward algorithm and Viterbi written out, as in the lecture).
import random
import torch
import torch.nn as nn

random.seed(11)
torch.manual_seed(11)

CHORDS = {"C": "CEG", "Dm": "DFA", "Em": "EGB", "F": "FAC", "G": "GBD", "Am": "ACE"}
NAMES = list(CHORDS)
NOTES = "CDEFGAB"
FOLLOWS = {"C": ("F", "Am"), "F": ("G", "Dm"), "G": ("C", "Em"), "Em": ("Am", "F"), "Am": ("Dm", "F"), "Dm": ("G", "C")}
BARS = 16


def make_song():
    c = random.choice(NAMES)
    notes, chords = [], []
    for _ in range(BARS):
        notes.append(NOTES.index(random.choice(CHORDS[c])))
        chords.append(NAMES.index(c))
        c = FOLLOWS[c][0] if random.random() < 0.85 else FOLLOWS[c][1]
    return notes, chords


def corpus(n):
    songs = [make_song() for _ in range(n)]
    return torch.tensor([s[0] for s in songs]), torch.tensor([s[1] for s in songs])


train_x, train_y = corpus(1200)
dev_x, dev_y = corpus(300)


class Emission(nn.Module):
    def __init__(self, n_notes, n_tags, dim=12):
        super().__init__()
        self.notes = nn.Embedding(n_notes, dim)
        self.out = nn.Linear(dim, n_tags)

    def forward(self, x):
        return self.out(self.notes(x))          # (B, T, K)


class LinearChainCRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.empty(k, k).uniform_(-0.1, 0.1))
        self.start = nn.Parameter(torch.zeros(k))

    def log_partition(self, e):
        alpha = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[:, t]
        return torch.logsumexp(alpha, dim=1)

    def score(self, e, y):
        s = self.start[y[:, 0]] + e.gather(2, y.unsqueeze(2)).squeeze(2).sum(1)
        return s + self.trans[y[:, :-1], y[:, 1:]].sum(1)

    def nll(self, e, y):
        return (self.log_partition(e) - self.score(e, y)).mean() / e.size(1)

    @torch.no_grad()
    def viterbi(self, e):
        delta, back = self.start + e[:, 0], []
        for t in range(1, e.size(1)):
            best, arg = (delta.unsqueeze(2) + self.trans).max(dim=1)
            delta = best + e[:, t]
            back.append(arg)
        path = [delta.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], dim=1)


emission = Emission(len(NOTES), len(NAMES))
crf = LinearChainCRF(len(NAMES))
# fault:
optimizer = torch.optim.Adam(emission.parameters(), lr=0.02)
# mended:
# optimizer = torch.optim.Adam([*emission.parameters(), *crf.parameters()], lr=0.02)
# end

for epoch in range(8):
    order = torch.randperm(len(train_x))
    total = 0.0
    for i in range(0, len(order), 40):
        idx = order[i:i + 40]
        optimizer.zero_grad()
        loss = crf.nll(emission(train_x[idx]), train_y[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        acc = (crf.viterbi(emission(dev_x)) == dev_y).float().mean().item()
    print(f"epoch {epoch + 1}: nll/bar {total / len(order):.4f}  dev chord accuracy {acc:.3f}")
