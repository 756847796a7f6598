"""Which language is this tweet in? Character n-grams and a small network."""
import os
import random
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)


def load(part, limit):
    texts, labels = [], []
    for y, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, part + "_text.txt"), encoding="utf-8") as f:
            lines = [l.strip().replace("@user", "").replace("http", "") for l in f]
        texts += lines[:limit]
        labels += [y] * len(lines[:limit])
    return texts, labels


class LangNet(torch.nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.fc1 = torch.nn.Linear(n_in, n_hidden)
        self.fc2 = torch.nn.Linear(n_hidden, n_out)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


def main():
    train_texts, train_y = load("train", 600)
    test_texts, test_y = load("test", 200)

    vec = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), max_features=1000, sublinear_tf=True)
    X = torch.tensor(vec.fit_transform(train_texts).toarray(), dtype=torch.float32)
    # fault:
    X_test = torch.tensor(vec.fit_transform(test_texts).toarray(), dtype=torch.float32)
    # mended:
    # X_test = torch.tensor(vec.transform(test_texts).toarray(), dtype=torch.float32)
    # end
    y = torch.tensor(train_y)

    net = LangNet(X.shape[1], 24, len(LANGS))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(5):
        idx = torch.randperm(len(X))
        losses = []
        for start in range(0, len(idx), 64):
            sel = idx[start:start + 64]
            loss = torch.nn.functional.cross_entropy(net(X[sel]), y[sel])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            tr = (net(X).argmax(1) == y).float().mean().item()
        print(f"[{epoch}] loss={np.mean(losses):.4f} train_acc={tr:.4f}")

    with torch.no_grad():
        pred = net(X_test).argmax(1).numpy()
    print("test accuracy %.4f, macro F1 %.4f" % (accuracy_score(test_y, pred), f1_score(test_y, pred, average="macro")))


if __name__ == "__main__":
    main()
