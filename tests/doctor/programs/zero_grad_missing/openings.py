# Guess the opening family from the first moves of a game (SAN tokens).
# GRU over the moves; the move table gets Adam, the rest SGD.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

rng = random.Random(64)
torch.manual_seed(64)

LINES = {
    "italian":  "e4 e5 Nf3 Nc6 Bc4 Bc5 c3 Nf6 d3 d6 O-O O-O",
    "spanish":  "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7 Re1 b5",
    "scotch":   "e4 e5 Nf3 Nc6 d4 exd4 Nxd4 Nf6 Nxc6 bxc6 e5 Qe7",
    "najdorf":  "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6 Nc3 a6 Be3 e5",
    "dragon":   "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6 Nc3 g6 Be3 Bg7",
    "french":   "e4 e6 d4 d5 Nc3 Bb4 e5 c5 a3 Bxc3+ bxc3 Ne7",
    "slav":     "d4 d5 c4 c6 Nf3 Nf6 Nc3 dxc4 a4 Bf5 e3 e6",
    "kings":    "d4 Nf6 c4 g6 Nc3 Bg7 e4 d6 Nf3 O-O Be2 e5",
}
NAMES = list(LINES)
WAIT = "h3 h6 a3 a6 Kh1 Kh8 Rb1 Rb8 Qd2 Qd7 g3 b6 Bd2 Bd7 Re1 Re8 Nbd2 Nbd7 f3 f6".split()


def game():
    y = rng.randrange(len(NAMES))
    moves = LINES[NAMES[y]].split()
    for _ in range(rng.randint(1, 3)):                       # transpositions and waiting moves
        k = rng.randrange(len(moves) - 1)
        if rng.random() < 0.5:
            moves[k], moves[k + 1] = moves[k + 1], moves[k]
        else:
            moves.insert(k, rng.choice(WAIT))
    start = rng.randint(0, 3)
    moves = moves[start: start + rng.randint(5, 10)]
    return [m if rng.random() > 0.15 else rng.choice(WAIT) for m in moves], y


games = [game() for _ in range(3600)]
unique = {}
for g, y in games:
    unique.setdefault(tuple(g), y)
games = list(unique.items())
rng.shuffle(games)
dev, train = games[:500], games[500:]
vocab = {m: i + 1 for i, m in enumerate(sorted({m for g, _ in train for m in g}))}


def encode(rows):
    lens = torch.tensor([len(g) for g, _ in rows])
    x = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
    for i, (g, _) in enumerate(rows):
        x[i, :len(g)] = torch.tensor([vocab.get(m, 0) for m in g])
    return x, lens, torch.tensor([y for _, y in rows])


class MoveReader(nn.Module):
    def __init__(self, n_moves, d=16, h=32):
        super().__init__()
        self.moves = nn.Embedding(n_moves + 1, d)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, len(NAMES))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.moves(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.out(h[0])


model = MoveReader(len(vocab))
opt_moves = torch.optim.Adam(model.moves.parameters(), lr=3e-3)
opt_rest = torch.optim.SGD(list(model.gru.parameters()) + list(model.out.parameters()), lr=0.2, momentum=0.6)
criterion = nn.CrossEntropyLoss()
print(f"{len(train)} games, {len(vocab)} moves")

for epoch in range(1, 11):
    rng.shuffle(train)
    model.train()
    total = 0.0
    for i in range(0, len(train), 32):
        x, lens, y = encode(train[i:i + 32])
        # fault:
        opt_moves.zero_grad()
        # mended:
        # opt_moves.zero_grad()
        # opt_rest.zero_grad()
        # end
        loss = criterion(model(x, lens), y)
        loss.backward()
        opt_rest.step()
        opt_moves.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, lens, y = encode(dev)
        acc = (model(x, lens).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch:2d}  loss {total / len(train):.3f}  dev acc {acc:.3f}")
