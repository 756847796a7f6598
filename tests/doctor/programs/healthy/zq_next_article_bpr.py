"""Implicit feedback: which article will a reader click next?  BPR on (reader, clicked, not clicked) triples."""
import argparse

import numpy as np
import torch
import torch.nn.functional as F


def make_clicks(args, rng):
    """Every reader likes two of the topics, every article has one; a click is mostly on a liked topic."""
    topic = rng.integers(0, args.topics, args.articles)
    appeal = rng.gamma(2.0, 1.0, args.articles)
    train, test = [], []
    for u in range(args.readers):
        liked = rng.choice(args.topics, 2, replace=False)
        w = appeal * np.where(np.isin(topic, liked), 1.0, 0.03)
        items = rng.permutation(rng.choice(args.articles, args.clicks, replace=False, p=w / w.sum()))
        train += [(u, i) for i in items[:-2]]
        test += [(u, i) for i in items[-2:]]
    return np.array(train), np.array(test)


class Recommender(torch.nn.Module):
    def __init__(self, n_users, n_items, k):
        super().__init__()
        self.user = torch.nn.Parameter(torch.randn(n_users, k) * 0.1)
        self.item = torch.nn.Parameter(torch.randn(n_items, k) * 0.1)
        self.pop = torch.nn.Parameter(torch.zeros(n_items))

    def forward(self, u, i):
        return (self.user[u] * self.item[i]).sum(-1) + self.pop[i]

    def all_scores(self):
        return self.user @ self.item.t() + self.pop


@torch.no_grad()
def evaluate(model, seen, pairs, exclude=None):
    """AUC of the given clicks against all articles that the reader never clicked in training, and hit rate at 20."""
    s = model.all_scores()
    auc, hit = [], []
    for u, i in pairs.tolist():
        others = s[u][~seen[u]]
        auc.append((s[u, i] > others).float().mean().item())
        hit.append(float((others > s[u, i]).sum() < 20))
    return np.mean(auc), np.mean(hit)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--readers", type=int, default=400)
    ap.add_argument("--articles", type=int, default=150)
    ap.add_argument("--topics", type=int, default=6)
    ap.add_argument("--clicks", type=int, default=30)
    ap.add_argument("--dim", type=int, default=8)
    ap.add_argument("--lr", type=float, default=0.03)
    ap.add_argument("--l2", type=float, default=0.02)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--batch", type=int, default=256)
    args = ap.parse_args()
    rng = np.random.default_rng(2024)
    torch.manual_seed(2024)
    train, test = make_clicks(args, rng)
    seen = torch.zeros(args.readers, args.articles, dtype=torch.bool)
    seen[train[:, 0], train[:, 1]] = True
    train, test = torch.from_numpy(train), torch.from_numpy(test)
    model = Recommender(args.readers, args.articles, args.dim)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        losses = []
        for g in opt.param_groups:
            g["lr"] = args.lr * (1 - epoch / args.epochs)
        for b in torch.randperm(len(train)).split(args.batch):
            u, i = train[b].t()
            j = torch.randint(args.articles, (len(b),))
            ok = ~seen[u, j]                      # a drawn article that was clicked is no negative
            u, i, j = u[ok], i[ok], j[ok]
            reg = model.user[u].pow(2).sum(1) + model.item[i].pow(2).sum(1) + model.item[j].pow(2).sum(1)
            loss = -F.logsigmoid(model(u, i) - model(u, j)).mean() + args.l2 * reg.mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        if epoch % 2 == 1:
            auc, hr = evaluate(model, seen, test)
            print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} test auc {auc:.4f} hit@20 {hr:.3f}")
    print("train auc %.4f" % evaluate(model, seen, train[torch.randperm(len(train))[:800]])[0])


if __name__ == "__main__":
    main()
