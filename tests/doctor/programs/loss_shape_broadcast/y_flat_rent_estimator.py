"""Rent from the wording of a flat advert, with a scikit-learn flavoured estimator around a small torch net."""
import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(2024)

EXTRAS = {"balcony": 70, "garden": 110, "garage": 60, "lift": 40, "basement": -60, "renovated": 120, "damp": -130,
          "noisy": -90, "central": 150, "remote": -120, "furnished": 80, "attic": -40, "view": 90, "fireplace": 50,
          "parquet": 45, "shared": -150, "bright": 35, "dark": -70, "new": 60, "kitchen": 25}
FLUFF = "nice flat to rent please call from june in the with and friendly people no agents near school bus pets".split()


def adverts(n):
    texts, rents = [], []
    for _ in range(n):
        rooms = int(rng.integers(1, 6))
        extras = rng.choice(list(EXTRAS), size=int(rng.integers(2, 7)), replace=False)
        words = list(extras) + list(rng.choice(FLUFF, size=int(rng.integers(4, 10)))) + [f"{rooms}rooms"]
        rng.shuffle(words)
        texts.append(" ".join(words))
        rents.append(420 + 190 * rooms + sum(EXTRAS[e] for e in extras) + rng.normal(0, 40))
    return texts, np.array(rents, dtype=np.float32)


class TorchRegressor(BaseEstimator, RegressorMixin):
    def __init__(self, hidden=32, lr=3e-3, epochs=8, batch_size=32, random_state=0, verbose=True):
        self.hidden = hidden
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state
        self.verbose = verbose

    def _net(self, width):
        return torch.nn.Sequential(torch.nn.Linear(width, self.hidden), torch.nn.ReLU(),
                                   torch.nn.Linear(self.hidden, 1))

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        self.mean_, self.scale_ = float(y.mean()), float(y.std())
        X = torch.as_tensor(X, dtype=torch.float32)
        # fault:
        y = torch.as_tensor((y - self.mean_) / self.scale_)
        # mended:
        # y = torch.as_tensor((y - self.mean_) / self.scale_).view(-1, 1)
        # end
        self.net_ = self._net(X.shape[1])
        optimizer = torch.optim.Adam(self.net_.parameters(), lr=self.lr)
        self.history_ = []
        for epoch in range(self.epochs):
            order = torch.randperm(len(X))
            seen = 0.0
            for start in range(0, len(X), self.batch_size):
                take = order[start:start + self.batch_size]
                optimizer.zero_grad()
                error = ((self.net_(X[take]) - y[take]) ** 2).mean()
                error.backward()
                optimizer.step()
                seen += error.item() * len(take)
            self.history_.append(seen / len(X))
            if self.verbose:
                print(f"epoch {epoch + 1:2d}  squared error {self.history_[-1]:.4f}")
        return self

    def predict(self, X):
        with torch.no_grad():
            out = self.net_(torch.as_tensor(X, dtype=torch.float32)).numpy().ravel()
        return out * self.scale_ + self.mean_


texts, rents = adverts(3000)
t_train, t_test, y_train, y_test = train_test_split(texts, rents, test_size=0.2, random_state=1)
counts = CountVectorizer(binary=True)
X_train = counts.fit_transform(t_train).toarray()
X_test = counts.transform(t_test).toarray()

model = TorchRegressor().fit(X_train, y_train)
print("R2 train %.3f" % r2_score(y_train, model.predict(X_train)))
pred = model.predict(X_test)
print("R2 test  %.3f   mean absolute error %.0f   predicted rents %.0f .. %.0f"
      % (r2_score(y_test, pred), mean_absolute_error(y_test, pred), pred.min(), pred.max()))
