"""Exercise 4: a deep feed-forward network on bag-of-words features (five news desks)."""
import argparse
import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score
from torch import nn

desks = dict(
    sport="goal match league striker coach referee season team penalty cup injury stadium",
    finance="shares profit bank quarter market investor dividend bond rate revenue merger stock",
    science="study cells telescope genome physicist species climate lab particle fossil virus orbit",
    politics="minister vote parliament coalition bill senator election treaty party reform debate cabinet",
    arts="novel film gallery painter concert stage actor poem premiere sculpture opera exhibition",
)
filler = "said on monday that according to sources after years many people new first last would more than over about week".split()


def corpus(n, rng):
    names = sorted(desks)
    texts, ys = [], []
    for _ in range(n):
        y = rng.integers(len(names))
        words = []
        for _ in range(rng.integers(12, 25)):
            u = rng.random()
            if u < 0.25:
                words.append(rng.choice(desks[names[y]].split()))
            elif u < 0.32:
                words.append(rng.choice(desks[names[rng.integers(len(names))]].split()))
            else:
                words.append(rng.choice(filler))
        texts.append(" ".join(words))
        ys.append(y)
    return texts, np.array(ys)


class DeepNet(nn.Module):
    def __init__(self, n_in, width, depth, n_out):
        super().__init__()
        layers = []
        for k in range(depth):
            layers.append(nn.Linear(n_in if k == 0 else width, width))
            # fault:
            layers.append(nn.Sigmoid())
            # mended:
            # layers.append(nn.ReLU())
            # end
        layers.append(nn.Linear(width, n_out))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--depth", type=int, default=7)
    p.add_argument("--width", type=int, default=64)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--batch", type=int, default=50)
    args = p.parse_args()

    torch.manual_seed(42)
    rng = np.random.default_rng(42)
    train_txt, train_y = corpus(3000, rng)
    test_txt, test_y = corpus(600, rng)
    cv = CountVectorizer()
    X = torch.from_numpy(cv.fit_transform(train_txt).toarray()).float()
    Xt = torch.from_numpy(cv.transform(test_txt).toarray()).float()
    y, yt = torch.from_numpy(train_y), torch.from_numpy(test_y)

    net = DeepNet(X.shape[1], args.width, args.depth, len(desks))
    optimiser = torch.optim.Adam(net.parameters(), lr=args.lr)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        losses = []
        for idx in torch.randperm(len(X)).split(args.batch):
            optimiser.zero_grad()
            loss = criterion(net(X[idx]), y[idx])
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        net.eval()
        with torch.no_grad():
            pred, fit = net(Xt).argmax(1), net(X).argmax(1)
        print(f"epoch {epoch}: loss {np.mean(losses):.3f}  train acc {(fit == y).float().mean():.3f}  "
              f"test acc {(pred == yt).float().mean():.3f}  macro-F1 {f1_score(yt, pred, average='macro'):.3f}")


if __name__ == "__main__":
    main()
