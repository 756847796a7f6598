"""What comes next in the playlist?

A recurrent next-song model with one table shared by input and output. Playlists wander inside a genre, follow a few
"always played together" habits and now and then jump to another genre.
"""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(9)
torch.manual_seed(9)

N_GENRES, PER_GENRE = 8, 20
N_SONGS = N_GENRES * PER_GENRE
LENGTH = 15


def habits():
    table = np.full((N_SONGS, N_SONGS), 0.04 / N_SONGS)
    for song in range(N_SONGS):
        first = song // PER_GENRE * PER_GENRE
        friends = first + rng.choice(PER_GENRE, size=3, replace=False)
        table[song, friends] += np.array([0.5, 0.26, 0.1])
        table[song, first:first + PER_GENRE] += 0.1 / PER_GENRE
    return table / table.sum(1, keepdims=True)


TABLE = habits()


def playlists(n):
    out = np.zeros((n, LENGTH), dtype=np.int64)
    out[:, 0] = rng.integers(N_SONGS, size=n)
    cumulative = TABLE.cumsum(1)
    for t in range(1, LENGTH):
        draws = rng.random(n)
        out[:, t] = (draws[:, None] > cumulative[out[:, t - 1]]).sum(1).clip(max=N_SONGS - 1)
    return torch.from_numpy(out)


train_lists = playlists(2400)
known = {tuple(p) for p in train_lists.tolist()}
test_lists = torch.stack([p for p in playlists(400) if tuple(p.tolist()) not in known])


class NextSong(nn.Module):
    def __init__(self, n_songs, size=64):
        super().__init__()
        self.songs = nn.Embedding(n_songs, size)
        self.cell = nn.GRU(size, size, batch_first=True)
        self.to_space = nn.Linear(size, size)
        self.bias = nn.Parameter(torch.zeros(n_songs))
        self.drop = nn.Dropout(0.1)
        self.start()

    def start(self):
        for name, p in self.named_parameters():
            if p.dim() > 1:
                # fault:
                nn.init.normal_(p, mean=0.0, std=1.0)
                # mended:
                #nn.init.normal_(p, mean=0.0, std=0.1)
                # end

    def forward(self, lists):
        h, _ = self.cell(self.drop(self.songs(lists)))
        h = self.to_space(self.drop(h))
        return F.linear(h, self.songs.weight, self.bias)


def evaluate(model, lists):
    model.eval()
    with torch.no_grad():
        logits = model(lists[:, :-1])
        wanted = lists[:, 1:]
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten()).item()
        hit = (logits.topk(3, dim=-1).indices == wanted.unsqueeze(-1)).any(-1).float().mean().item()
    return math.exp(min(loss, 50)), hit


net = NextSong(N_SONGS)
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
print("before training: perplexity %.1f, hit@3 %.3f" % evaluate(net, test_lists))
for epoch in range(1, 11):
    net.train()
    for batch in train_lists[torch.randperm(len(train_lists))].split(48):
        logits = net(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
    if epoch % 2 == 0:
        print("epoch %2d: train perplexity %.2f" % (epoch, evaluate(net, train_lists[:400])[0]),
              "| test perplexity %.2f, hit@3 %.3f" % evaluate(net, test_lists))

floor = -np.mean([math.log(TABLE[a, b]) for p in test_lists.tolist() for a, b in zip(p, p[1:])])
print("perplexity of the true habits: %.2f; of guessing: %d" % (math.exp(floor), N_SONGS))
