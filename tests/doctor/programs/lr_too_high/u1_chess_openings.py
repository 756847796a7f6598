"""Which opening family is this? Reads the first dozen half-moves in SAN, move orders vary a lot at club level."""
import argparse
import random

import torch
from torch import nn

BOOK = {
    "sicilian": [["e4", "c5", "Nf3", "d6", "d4", "cxd4", "Nxd4", "Nf6"], ["e4", "c5", "c3", "d5", "exd5", "Qxd5"]],
    "french": [["e4", "e6", "d4", "d5", "Nc3", "Bb4", "e5", "c5"], ["e4", "e6", "d4", "d5", "e5", "c5", "c3"]],
    "caro": [["e4", "c6", "d4", "d5", "Nc3", "dxe4", "Nxe4", "Bf5"], ["e4", "c6", "d4", "d5", "e5", "Bf5"]],
    "italian": [["e4", "e5", "Nf3", "Nc6", "Bc4", "Bc5", "c3", "Nf6"], ["e4", "e5", "Bc4", "Nf6", "d3", "Bc5"]],
    "slav": [["d4", "d5", "c4", "c6", "Nf3", "Nf6", "Nc3", "dxc4"], ["d4", "d5", "Nf3", "c6", "c4", "e6"]],
    "kings_indian": [["d4", "Nf6", "c4", "g6", "Nc3", "Bg7", "e4", "d6"], ["d4", "g6", "c4", "Bg7", "Nf3", "Nf6"]],
    "grunfeld": [["d4", "Nf6", "c4", "g6", "Nc3", "d5", "cxd5", "Nxd5"], ["d4", "Nf6", "Nf3", "g6", "c4", "Bg7", "g3", "d5"]],
}
LATER = "O-O Be2 Bd3 h3 a3 a6 h6 Re1 Qc2 Qd2 b3 b6 Bg5 Be3 Be7 Nbd7 f4 Rc8 Qb3 Qe7 Kh1 Rd1 g3 Bd7".split()
FAMILIES = sorted(BOOK)


def game(rng):
    name = rng.choice(FAMILIES)
    line = list(rng.choice(BOOK[name]))
    for _ in range(rng.randrange(3)):                 # transpositions: swap two moves of the same colour
        i = rng.randrange(len(line) - 2)
        line[i], line[i + 2] = line[i + 2], line[i]
    for i in range(len(line)):
        if rng.random() < 0.12:
            line[i] = rng.choice(LATER)
    line += rng.sample(LATER, 12 - len(line))
    return line, FAMILIES.index(name)


def load(n, seed):
    rng, seen, out = random.Random(seed), set(), []
    while len(out) < n:
        moves, y = game(rng)
        key = " ".join(moves)
        if key not in seen:
            seen.add(key)
            out.append((moves, y))
    return out


class OpeningNet(nn.Module):
    def __init__(self, n_moves, n_out, width=32):
        super().__init__()
        self.moves = nn.Embedding(n_moves, width)
        self.rnn = nn.GRU(width, 48, batch_first=True)
        self.head = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, n_out))

    def forward(self, x):
        _, h = self.rnn(self.moves(x))
        return self.head(h[-1])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--games", type=int, default=2400)
    ap.add_argument("--epochs", type=int, default=5)
    # fault:
    ap.add_argument("--lr", type=float, default=0.4)
    # mended:
    #ap.add_argument("--lr", type=float, default=0.004)
    # end
    ap.add_argument("--batch", type=int, default=48)
    args = ap.parse_args()
    torch.manual_seed(3)

    games = load(args.games, seed=11)
    cut = int(0.8 * len(games))
    train, test = games[:cut], games[cut:]
    vocab = {"<unk>": 0}
    for moves, _ in train:
        for m in moves:
            vocab.setdefault(m, len(vocab))

    def tensors(rows):
        return (torch.tensor([[vocab.get(m, 0) for m in r[0]] for r in rows]), torch.tensor([r[1] for r in rows]))

    xtr, ytr = tensors(train)
    xte, yte = tensors(test)
    net = OpeningNet(len(vocab), len(FAMILIES))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        order, total = torch.randperm(len(xtr)), 0.0
        for i in range(0, len(order), args.batch):
            b = order[i:i + args.batch]
            opt.zero_grad()
            loss = ce(net(xtr[b]), ytr[b])
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        net.eval()
        with torch.no_grad():
            out = net(xte)
        print(f"epoch {epoch + 1}: train loss {total / len(xtr):.3f}  test loss {ce(out, yte).item():.3f}"
              f"  test acc {(out.argmax(1) == yte).float().mean().item():.3f}")


if __name__ == "__main__":
    main()
