"""Linear-chain CRF over characters: find street, number, zip, town in address lines written without separators."""
import random
import string

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
TAGS = ["street", "number", "zip", "town", "other"]
CHARS = " " + string.ascii_lowercase + string.digits + ",-/"
STREETS = "haupt garten berg linden schiller goethe bahnhof kirch wald markt ring feld".split()
ENDS = ["strasse", "weg", "gasse", "allee", "platz"]
TOWNS = "ulm kassel aachen bremen jena passau celle worms trier emden fulda hagen essen".split()


def address():
    parts = [("other", random.choice(["", "herr ", "frau ", "firma ", "z hd "])), ("street", random.choice(STREETS) + random.choice(ENDS)), ("other", " "),
             ("number", str(random.randint(1, 199)) + random.choice(["", "a", "b"])), ("other", random.choice([", ", " ", " - "]))]
    rest = [("zip", str(random.randint(10000, 99999))), ("other", " "), ("town", random.choice(TOWNS) + random.choice(["", "", "hausen", "bach"]))]
    parts += rest if random.random() < 0.7 else rest[::-1]
    parts += [("other", random.choice(["", " deutschland", " germany", " de"]))]
    return "".join(t for _, t in parts), [TAGS.index(k) for k, t in parts for _ in t]


WIDTH = 72


def encode(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    y = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    n = torch.tensor([len(t) for _, t in rows])
    for i, (s, t) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([CHARS.index(c) + 1 for c in s])
        y[i, :len(t)] = torch.tensor(t)
    return x, y, torch.arange(WIDTH)[None] < n[:, None]


class Tagger(nn.Module):
    def __init__(self, k=len(TAGS)):
        super().__init__()
        self.chars = nn.Embedding(len(CHARS) + 1, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 7, padding=3)
        self.emit = nn.Linear(48, k)
        self.trans = nn.Parameter(torch.zeros(k, k))

    def emissions(self, x):
        return self.emit(torch.relu(self.conv(self.chars(x).transpose(1, 2))).transpose(1, 2))

    def nll(self, x, y, mask):
        e = self.emissions(x)
        m = mask.float()
        gold = (e.gather(2, y[..., None])[..., 0] * m).sum(1) + (self.trans[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1)
        alpha = e[:, 0]
        for t in range(1, x.shape[1]):
            # fault:
            new = e[:, t] + torch.log(torch.exp(alpha[:, :, None] + self.trans[None]).sum(1))
            # mended:
            # new = e[:, t] + torch.logsumexp(alpha[:, :, None] + self.trans[None], dim=1)
            # end
            alpha = torch.where(mask[:, t, None], new, alpha)
        return ((torch.logsumexp(alpha, dim=1) - gold) / m.sum(1)).mean()

    def viterbi(self, x, mask):
        e = self.emissions(x)
        score, back = e[:, 0], []
        for t in range(1, x.shape[1]):
            best, arg = (score[:, :, None] + self.trans[None]).max(1)
            back.append(torch.where(mask[:, t, None], arg, torch.arange(e.shape[2])[None]))
            score = torch.where(mask[:, t, None], best + e[:, t], score)
        path = [score.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], 1)


rows = [address() for _ in range(1300)]
x, y, mask = encode(rows[:1000])
xd, yd, md = encode(rows[1000:])
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    total = 0.0
    for idx in torch.randperm(len(x)).split(50):
        loss = model.nll(x[idx], y[idx], mask[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        path = model.viterbi(xd, md)
    print(f"epoch {epoch + 1} nll per character {total / len(x):.4f} dev tag accuracy {(path == yd)[md].float().mean().item():.4f}")
