"""Strength of the players of a games club, learnt from the margins of their matches.

Every match is one update, as in the club's old Elo sheet.
"""
import numpy as np
import torch
from torch import nn

PLAYERS = 260
SEASON = 6200
CUP = 1200


def play(rng):
    strength = rng.normal(0, 1, PLAYERS)
    seat_bonus = 0.4
    rows = set()
    while len(rows) < SEASON + CUP:
        a, b = rng.choice(PLAYERS, 2, replace=False)
        rows.add((int(a), int(b)))
    rows = np.array(sorted(rows))
    rng.shuffle(rows)
    margin = strength[rows[:, 0]] - strength[rows[:, 1]] + seat_bonus + rng.normal(0, 0.4, len(rows))
    return torch.tensor(rows), torch.tensor(margin, dtype=torch.float32), strength


class Ratings(nn.Module):
    def __init__(self, n):
        super().__init__()
        # fault:
        self.rating = nn.Embedding(n, 1)
        # mended:
        #self.rating = nn.Embedding(n, 1, sparse=True)
        # end
        self.first_seat = nn.Parameter(torch.zeros(1))
        nn.init.zeros_(self.rating.weight)

    def forward(self, match):
        r = self.rating(match).squeeze(-1)
        return r[..., 0] - r[..., 1] + self.first_seat


def r2(guess, margin):
    return 1 - ((guess - margin) ** 2).mean().item() / margin.var().item()


def report(model, matches, margin, name):
    with torch.no_grad():
        guess = model(matches)
    won = ((guess > 0) == (margin > 0)).float().mean().item()
    print(f"{name:<22} R2 {r2(guess, margin):.3f}   right winner {won:.3f}")


def main():
    torch.manual_seed(9)
    matches, margin, strength = play(np.random.default_rng(9))
    season, cup = (matches[:SEASON], margin[:SEASON]), (matches[SEASON:], margin[SEASON:])
    model = Ratings(PLAYERS)
    # fault:
    steps = [torch.optim.Adam(model.parameters(), lr=0.06)]
    # mended:
    #steps = [torch.optim.SparseAdam([model.rating.weight], lr=0.06), torch.optim.Adam([model.first_seat], lr=0.06)]
    # end
    for k in range(SEASON):
        loss = (model(season[0][k]) - season[1][k]).pow(2).mean()
        for s in steps:
            s.zero_grad()
        loss.backward()
        for s in steps:
            s.step()
        if (k + 1) % 1240 == 0:
            report(model, *cup, f"cup, after {k + 1} matches")
    report(model, *season, "season")
    found = model.rating.weight.detach().squeeze(1).numpy()
    print("correlation with true strength %.3f" % np.corrcoef(found, strength)[0, 1])


if __name__ == "__main__":
    main()
