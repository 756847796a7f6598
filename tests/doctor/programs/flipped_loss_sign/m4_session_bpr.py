"""Next-item recommender for listening sessions, trained on sampled pairs (BPR) with a light popularity term."""
import argparse
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score


@dataclass
class Hparams:
    n_items: int = 400
    n_moods: int = 10
    session: int = 8
    dim: int = 32
    batch: int = 128
    epochs: int = 8
    lr: float = 5e-3
    bias_penalty: float = 1e-3
    seed: int = 29


class Sessions:
    def __init__(self, hp, n, rng):
        self.mood_of = np.arange(hp.n_items) % hp.n_moods
        pop = rng.gamma(2.0, 1.0, hp.n_items)
        history = np.zeros((n, hp.session), dtype=np.int64)
        following = np.zeros(n, dtype=np.int64)
        by_mood = [np.flatnonzero(self.mood_of == m) for m in range(hp.n_moods)]
        for i in range(n):
            mood = rng.integers(hp.n_moods)
            items = by_mood[mood]
            p = pop[items] / pop[items].sum()
            own = rng.choice(items, size=hp.session - 2, p=p)
            stray = rng.integers(hp.n_items, size=2)
            history[i] = rng.permutation(np.concatenate([own, stray]))
            following[i] = rng.choice(items, p=p)
        self.history, self.following = torch.from_numpy(history), torch.from_numpy(following)

    def __len__(self):
        return len(self.following)


class SessionRecommender(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.context = nn.EmbeddingBag(hp.n_items, hp.dim, mode="mean")
        self.items = nn.Embedding(hp.n_items, hp.dim)
        self.item_bias = nn.Embedding(hp.n_items, 1)
        self.transform = nn.Sequential(nn.Linear(hp.dim, hp.dim), nn.Tanh(), nn.Dropout(0.1), nn.Linear(hp.dim, hp.dim))
        nn.init.normal_(self.items.weight, std=0.1)
        nn.init.zeros_(self.item_bias.weight)

    def session_vector(self, history):
        return self.transform(self.context(history))

    def score(self, session_vec, item):
        return (session_vec * self.items(item)).sum(-1) + self.item_bias(item).squeeze(-1)

    def score_all(self, history):
        return self.session_vector(history) @ self.items.weight.t() + self.item_bias.weight.squeeze(-1)


class BPRTrainer:
    def __init__(self, model, hp):
        self.model, self.hp = model, hp
        self.optimizer = torch.optim.Adam(model.parameters(), lr=hp.lr)
        self.scheduler = None

    def objective(self, history, positive, negative):
        vec = self.model.session_vector(history)
        pos, neg = self.model.score(vec, positive), self.model.score(vec, negative)
        # fault:
        ranking = -F.logsigmoid(neg - pos).mean()
        # mended:
        #ranking = -F.logsigmoid(pos - neg).mean()
        # end
        return ranking + self.hp.bias_penalty * self.model.item_bias.weight.pow(2).sum()

    def fit(self, data):
        steps = -(-len(data) // self.hp.batch)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, self.hp.lr, total_steps=steps * self.hp.epochs)
        for epoch in range(self.hp.epochs):
            self.model.train()
            total = 0.0
            for idx in torch.randperm(len(data)).split(self.hp.batch):
                negative = torch.randint(self.hp.n_items, (len(idx),))
                loss = self.objective(data.history[idx], data.following[idx], negative)
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
                self.optimizer.step()
                self.scheduler.step()
                total += loss.item()
            print(f"[{epoch + 1}/{self.hp.epochs}] objective {total / steps:.4f}")


@torch.no_grad()
def evaluate(model, data, k=20):
    model.eval()
    scores = model.score_all(data.history)
    hit = (scores.topk(k, dim=1).indices == data.following[:, None]).any(1).float().mean().item()
    gen = torch.Generator().manual_seed(0)
    negative = torch.randint(scores.size(1), (len(data),), generator=gen)
    rows = torch.arange(len(data))
    y = np.r_[np.ones(len(data)), np.zeros(len(data))]
    s = torch.cat([scores[rows, data.following], scores[rows, negative]]).numpy()
    return hit, roc_auc_score(y, s)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=Hparams.epochs)
    hp = Hparams(epochs=ap.parse_args().epochs)
    print(asdict(hp))
    torch.manual_seed(hp.seed)
    rng = np.random.default_rng(hp.seed)
    full = Sessions(hp, 9000, rng)
    train, valid = Sessions.__new__(Sessions), Sessions.__new__(Sessions)
    train.history, train.following = full.history[:7500], full.following[:7500]
    valid.history, valid.following = full.history[7500:], full.following[7500:]
    model = SessionRecommender(hp)
    BPRTrainer(model, hp).fit(train)
    print("train hit@20 %.3f auc %.3f" % evaluate(model, train))
    print("valid hit@20 %.3f auc %.3f (chance 0.050, 0.500)" % evaluate(model, valid))
