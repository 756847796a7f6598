"""
Song recommendations from playlists, BPR loss (Rendle et al.).
For every listener one song is held out; score = how often it is in the top 10 of the songs not yet heard.
"""
import argparse
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def simulate(args, rng):
    genre_of = rng.integers(0, args.genres, args.songs)
    by_genre = [np.flatnonzero(genre_of == g) for g in range(args.genres)]
    heard, held_out = [], []
    for _ in range(args.listeners):
        likes = rng.choice(args.genres, 2, replace=False)
        songs = []
        while len(songs) < args.playlist + 1:
            pool = by_genre[rng.choice(likes)] if rng.random() < 0.92 else np.arange(args.songs)
            s = int(rng.choice(pool))
            if s not in songs:
                songs.append(s)
        heard.append(songs[:-1])
        held_out.append(songs[-1])
    return heard, held_out


class BPR(nn.Module):
    def __init__(self, n_listeners, n_songs, dim):
        super().__init__()
        self.listener = nn.Embedding(n_listeners, dim)
        self.song = nn.Embedding(n_songs, dim)
        self.popularity = nn.Embedding(n_songs, 1)
        nn.init.normal_(self.listener.weight, std=0.1)
        nn.init.normal_(self.song.weight, std=0.1)
        nn.init.zeros_(self.popularity.weight)

    def forward(self, u, i):
        return (self.listener(u) * self.song(i)).sum(-1) + self.popularity(i).squeeze(-1)

    def all_scores(self):
        return self.listener.weight @ self.song.weight.T + self.popularity.weight.T


def hit_rate(scores, heard, held_out, k=10):
    hits = 0
    for u, songs in enumerate(heard):
        row = scores[u].clone()
        row[songs] = -1e9
        hits += held_out[u] in row.topk(k).indices.tolist()
    return hits / len(heard)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--listeners", type=int, default=900)
    ap.add_argument("--songs", type=int, default=240)
    ap.add_argument("--genres", type=int, default=12)
    ap.add_argument("--playlist", type=int, default=14)
    ap.add_argument("--dim", type=int, default=12)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--reg", type=float, default=0.01)
    ap.add_argument("--epochs", type=int, default=14)
    ap.add_argument("--bs", type=int, default=256)
    args = ap.parse_args()
    random.seed(4)
    torch.manual_seed(4)
    heard, held_out = simulate(args, np.random.default_rng(4))
    pairs = torch.tensor([(u, s) for u, songs in enumerate(heard) for s in songs])
    seen = torch.zeros(args.listeners, args.songs, dtype=torch.bool)
    seen[pairs[:, 0], pairs[:, 1]] = True
    print("listeners", args.listeners, "songs", args.songs, "pairs", len(pairs))
    popular = torch.bincount(pairs[:, 1], minlength=args.songs).float().expand(args.listeners, -1)
    print("hit@10 of the most popular songs: %.4f" % hit_rate(popular, heard, held_out))

    model = BPR(args.listeners, args.songs, args.dim)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(pairs)).split(args.bs):
            u, pos = pairs[idx].unbind(1)
            neg = torch.randint(args.songs, (len(idx),))
            while seen[u, neg].any():
                neg = torch.where(seen[u, neg], torch.randint(args.songs, (len(idx),)), neg)
            loss = -F.logsigmoid(model(u, pos) - model(u, neg)).mean()
            norm = model.listener(u).pow(2).sum(1) + model.song(pos).pow(2).sum(1) + model.song(neg).pow(2).sum(1)
            opt.zero_grad()
            (loss + args.reg * norm.mean()).backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            print("epoch %2d bpr loss %.4f hit@10 %.4f" % (epoch + 1, total / len(pairs), hit_rate(model.all_scores(), heard, held_out)))
    print("FINAL hit@10 %.4f" % hit_rate(model.all_scores().detach(), heard, held_out))


if __name__ == "__main__":
    main()
