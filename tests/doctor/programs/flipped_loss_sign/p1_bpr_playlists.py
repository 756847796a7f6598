"""Bayesian personalised ranking (Rendle et al. 2009) in sixty lines of PyTorch.

Listeners and songs get embeddings; for every song a listener played we draw one that he did not play
and want the played one to score higher.
"""
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(77)
N_USERS, N_SONGS, N_GENRES = 300, 240, 6
PLAYS = 26


def simulate_listening():
    genre_of_song = torch.arange(N_SONGS) % N_GENRES
    played = torch.zeros(N_USERS, N_SONGS, dtype=torch.bool)
    for user in range(N_USERS):
        liked = torch.randperm(N_GENRES)[:2]
        weights = torch.full((N_SONGS,), 0.1)
        weights[(genre_of_song == liked[0]) | (genre_of_song == liked[1])] = 2.0
        played[user, torch.multinomial(weights, PLAYS)] = True
    return played


class PlayedPairs(Dataset):
    """(listener, played song, song not played in training); the last is drawn afresh each time."""

    def __init__(self, train_pairs):
        self.pairs = train_pairs
        known = torch.zeros(N_USERS, N_SONGS, dtype=torch.bool)
        for user, song in train_pairs:
            known[user, song] = True
        self.others = [torch.nonzero(~row).flatten() for row in known]

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, i):
        user, song = self.pairs[i]
        pool = self.others[user]
        return user, song, pool[torch.randint(len(pool), ())].item()


class BPR(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.users = nn.Embedding(N_USERS, dim)
        self.songs = nn.Embedding(N_SONGS, dim)
        nn.init.normal_(self.users.weight, std=0.1)
        nn.init.normal_(self.songs.weight, std=0.1)

    def score(self, user, song):
        return (self.users(user) * self.songs(song)).sum(dim=-1)

    def forward(self, user, liked, other):
        margin = self.score(user, liked) - self.score(user, other)
        # fault:
        return F.logsigmoid(margin).mean()
        # mended:
        #return -F.logsigmoid(margin).mean()
        # end


@torch.no_grad()
def auc(model, held_out, played):
    """How often a held-out song outscores a song the listener never played."""
    model.eval()
    scores = model.users.weight @ model.songs.weight.T
    total = 0.0
    for user, song in held_out:
        total += (scores[user, song] > scores[user][~played[user]]).float().mean().item()
    return total / len(held_out)


played = simulate_listening()
train_pairs, held_out = [], []
for user in range(N_USERS):
    songs = torch.nonzero(played[user]).flatten()
    songs = songs[torch.randperm(len(songs))].tolist()
    held_out += [(user, s) for s in songs[:3]]
    train_pairs += [(user, s) for s in songs[3:]]

loader = DataLoader(PlayedPairs(train_pairs), batch_size=100, shuffle=True)
model = BPR()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, weight_decay=1e-4)

print(f"before training: AUC {auc(model, held_out, played):.3f}")
for epoch in range(1, 11):
    model.train()
    running = 0.0
    for user, liked, other in loader:
        loss = model(user, liked, other)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 2 == 0:
        print(f"epoch {epoch:2d}: loss {running / len(loader):.4f}, held-out AUC {auc(model, held_out, played):.3f}")
