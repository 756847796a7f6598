"""Song vectors from playlists (skip-gram with negative samples, sparse gradients), scored by next-song retrieval."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

N_SONGS, N_MOODS, DIM, WINDOW, NEGATIVES = 300, 10, 16, 2, 6


def playlists(n, rng):
    mood_of = rng.integers(N_MOODS, size=N_SONGS)
    by_mood = [np.flatnonzero(mood_of == m) for m in range(N_MOODS)]
    lists, seen = [], set()
    while len(lists) < n:
        mood = rng.integers(N_MOODS)
        songs = [rng.choice(by_mood[mood]) if rng.random() < 0.85 else rng.integers(N_SONGS) for _ in range(rng.integers(6, 14))]
        key = tuple(int(s) for s in songs)
        if key not in seen:
            seen.add(key)
            lists.append(key)
    return lists


def pairs_of(lists):
    out = [(a, row[j]) for row in lists for i, a in enumerate(row)
           for j in range(max(0, i - WINDOW), min(len(row), i + WINDOW + 1)) if j != i and row[j] != a]
    return torch.tensor(out)


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.centre = nn.Embedding(N_SONGS, DIM, sparse=True)
        self.context = nn.Embedding(N_SONGS, DIM, sparse=True)
        nn.init.normal_(self.centre.weight, std=0.1)
        nn.init.normal_(self.context.weight, std=0.1)

    def forward(self, a, b, negatives):
        c = self.centre(a)
        good = (c * self.context(b)).sum(1)
        bad = torch.einsum("bd,bnd->bn", c, self.context(negatives))
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(1)).mean()


@torch.no_grad()
def retrieval(model, lists, k=20):
    """Share of held-out neighbours among the k best songs, and the mean rank."""
    pairs = pairs_of(lists)
    scores = model.centre(pairs[:, 0]) @ model.context.weight.T
    scores.scatter_(1, pairs[:, :1], float("-inf"))
    rank = (scores > scores.gather(1, pairs[:, 1:])).sum(1)
    return (rank < k).float().mean().item(), rank.float().mean().item()


def main():
    torch.manual_seed(1)
    lists = playlists(1700, np.random.default_rng(1))
    train, held = lists[:1400], lists[1400:]
    pairs = pairs_of(train)
    popularity = pairs[:, 1].bincount(minlength=N_SONGS).float() ** 0.75
    model = SkipGram()
    optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
    print("pairs", len(pairs), "untrained: hit@20 %.3f mean rank %.1f" % retrieval(model, held))
    for epoch in range(1, 5):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(pairs)).split(256):
            a, b = pairs[rows].T
            negatives = torch.multinomial(popularity, len(rows) * NEGATIVES, replacement=True).view(-1, NEGATIVES)
            loss = model(a, b, negatives)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        model.eval()
        print(f"epoch {epoch} loss {total / len(pairs):.3f} train hit@20 %.3f mean rank %.1f" % retrieval(model, train),
              "held-out hit@20 %.3f mean rank %.1f" % retrieval(model, held))


if __name__ == "__main__":
    main()
