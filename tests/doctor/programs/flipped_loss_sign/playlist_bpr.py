"""Next-track recommendation with BPR: playlist title words + last tracks -> rank candidates."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
GENRES, TRACKS = 12, 600
WORDS = {g: [f"g{g}w{i}" for i in range(12)] for g in range(GENRES)}
genre_of = [random.randrange(GENRES) for _ in range(TRACKS)]
by_genre = [[t for t in range(TRACKS) if genre_of[t] == g] for g in range(GENRES)]
word_id = {w: i + 1 for i, w in enumerate(w for g in WORDS.values() for w in g)}


def playlist():
    g = random.randrange(GENRES)
    title = [word_id[random.choice(WORDS[g if random.random() < 0.85 else random.randrange(GENRES)])] for _ in range(3)]
    pick = lambda: random.choice(by_genre[g]) if random.random() < 0.9 else random.randrange(TRACKS)
    return title, [pick() for _ in range(4)], pick()


train = [playlist() for _ in range(6000)]
test = [playlist() for _ in range(500)]


class Recommender(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.words = nn.EmbeddingBag(len(word_id) + 1, d, mode="mean")
        self.tracks = nn.Embedding(TRACKS, d)
        self.bias = nn.Embedding(TRACKS, 1)
        self.merge = nn.Linear(2 * d, d)
        for e in (self.words, self.tracks):
            nn.init.normal_(e.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def user(self, title, history):
        return self.merge(torch.cat([self.words(title), self.tracks(history).mean(1)], 1))

    def score(self, u, items):
        return (u.unsqueeze(1) * self.tracks(items)).sum(-1) + self.bias(items).squeeze(-1)


def bpr(pos, neg, reg):
    # fault:
    return F.logsigmoid(pos - neg).mean() + reg
    # mended:
    # return -F.logsigmoid(pos - neg).mean() + reg
    # end


def columns(rows):
    return tuple(torch.tensor(c) for c in zip(*rows))


model = Recommender()
opt = torch.optim.Adagrad(model.parameters(), lr=0.05)
title, hist, nxt = columns(train)
tt, th, tn = columns(test)
everything = torch.arange(TRACKS).unsqueeze(0)
for epoch in range(15):
    losses = []
    for idx in torch.randperm(len(nxt)).split(64):
        u = model.user(title[idx], hist[idx])
        neg = torch.randint(0, TRACKS, (len(idx), 4))
        pos_s, neg_s = model.score(u, nxt[idx].unsqueeze(1)), model.score(u, neg)
        loss = bpr(pos_s, neg_s, 1e-4 * u.pow(2).sum(1).mean())
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        s = model.score(model.user(tt, th), everything)
        rank = (s > s.gather(1, tn.unsqueeze(1))).sum(1).float()
    print(f"epoch {epoch:2d} loss {sum(losses) / len(losses):.4f} auc {1 - (rank / TRACKS).mean().item():.3f} "
          f"hit@20 {(rank < 20).float().mean().item():.3f}")
