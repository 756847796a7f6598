"""Which opening is it? Classifying chess games by their first moves with a GRU.

The games are written in short algebraic notation. Transpositions, sidelines and
the odd nervous pawn move make it less trivial than a table look-up.
"""
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

SEED = 1851
random.seed(SEED)
torch.manual_seed(SEED)

LINES = {
    "Ruy Lopez": "e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7 Re1 b5 Bb3 d6 c3",
    "Italian": "e4 e5 Nf3 Nc6 Bc4 Bc5 c3 Nf6 d3 d6 O-O a6 Bb3 Ba7",
    "Sicilian": "e4 c5 Nf3 d6 d4 cxd4 Nxd4 Nf6 Nc3 a6 Be3 e5 Nb3 Be6",
    "French": "e4 e6 d4 d5 Nc3 Bb4 e5 c5 a3 Bxc3 bxc3 Ne7 Qg4",
    "Caro-Kann": "e4 c6 d4 d5 Nc3 dxe4 Nxe4 Bf5 Ng3 Bg6 h4 h6 Nf3 Nd7",
    "Queen's Gambit": "d4 d5 c4 e6 Nc3 Nf6 Bg5 Be7 e3 O-O Nf3 Nbd7 Rc1 c6",
    "King's Indian": "d4 Nf6 c4 g6 Nc3 Bg7 e4 d6 Nf3 O-O Be2 e5 O-O Nc6",
    "English": "c4 e5 Nc3 Nf6 g3 d5 cxd5 Nxd5 Bg2 Nb6 Nf3 Nc6 O-O Be7",
}
QUIET = "h3 a3 h6 a6 Kh1 Kh8 Qd2 Qc7 Rb1 Rb8 Bd2 Bd7 Re1 Re8 b3 b6 g3 g6 Qe2 Qe7 d3 c3 Nd2 Bf1".split()
NAMES = list(LINES)


def play(opening):
    moves = LINES[opening].split()
    length = random.randint(5, len(moves))
    game = moves[:length]
    for i in range(2, length):
        if random.random() < 0.25:
            game[i] = random.choice(QUIET)
    if random.random() < 0.4:
        i = random.randrange(0, length - 3)
        game[i], game[i + 2] = game[i + 2], game[i]
    game += random.choices(QUIET, k=random.randint(0, 10))
    return game


def build_database(size):
    games, openings, seen = [], [], set()
    while len(games) < size:
        name = random.choice(NAMES)
        game = play(name)
        if tuple(game) in seen:
            continue
        seen.add(tuple(game))
        games.append(game)
        openings.append(NAMES.index(name))
    return games, openings


class GameDataset(Dataset):
    def __init__(self, games, openings, vocab):
        self.games = [torch.tensor([vocab.get(m, 1) for m in g]) for g in games]
        self.openings = openings

    def __len__(self):
        return len(self.games)

    def __getitem__(self, i):
        return self.games[i], self.openings[i]


def collate(batch):
    games, openings = zip(*batch)
    lengths = torch.tensor([len(g) for g in games])
    return pad_sequence(games, batch_first=True), lengths, torch.tensor(openings)


class OpeningClassifier(nn.Module):
    def __init__(self, vocab_size, n_classes, dim=32, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(hidden, n_classes)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(self.drop(h[-1]))


def train(model, loader, optimizer, loss_fn):
    model.train()
    total = 0.0
    for x, lengths, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x, lengths), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    hits = sum((model(x, lengths).argmax(1) == y).sum().item() for x, lengths, y in loader)
    return hits / len(loader.dataset)


games, openings = build_database(1800)
train_games, train_openings = games[:1400], openings[:1400]
test_games, test_openings = games[1400:], openings[1400:]

# short games first, it is easier to read through the printed database that way
# fault:
train_games = sorted(train_games, key=len)
# mended:
#order = sorted(range(len(train_games)), key=lambda i: len(train_games[i]))
#train_games, train_openings = [train_games[i] for i in order], [train_openings[i] for i in order]
# end

counts = Counter(m for g in train_games for m in g)
vocab = {"<pad>": 0, "<unk>": 1}
for move, _ in counts.most_common():
    vocab[move] = len(vocab)
print(f"{len(train_games)} training games, {len(vocab)} different moves, shortest: {' '.join(train_games[0])}")

train_loader = DataLoader(GameDataset(train_games, train_openings, vocab), batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(GameDataset(test_games, test_openings, vocab), batch_size=100, collate_fn=collate)

model = OpeningClassifier(len(vocab), len(NAMES))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 7):
    loss = train(model, train_loader, optimizer, loss_fn)
    print(f"Epoch {epoch}: loss {loss:.3f}  test acc {evaluate(model, test_loader):.3f}")
print(f"accuracy on the training games: {evaluate(model, train_loader):.3f}")
