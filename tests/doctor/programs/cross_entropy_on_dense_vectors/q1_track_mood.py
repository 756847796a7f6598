"""Guesses the audio profile of a track (energy, valence, tempo, ...) from its listener tags.

The profile of each track is a vector of standardised features, so that the numbers of the model can be fed to the mixer."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

FEATURES = ["energy", "valence", "tempo", "acousticness", "loudness", "danceability"]
GENRES = ["techno", "folk", "metal", "soul", "ambient", "punk", "swing", "bossa", "grime", "choral", "disco", "drone"]
MOODS = ["sad", "happy", "angry", "calm", "dark", "dreamy", "fierce", "warm", "cold", "tender"]
ERAS = ["50s", "60s", "70s", "80s", "90s", "00s", "10s"]
OTHER = ["live", "remix", "cover", "instrumental", "female-voice", "male-voice", "vinyl", "demo", "radio-edit", "b-side"]
TAGS = GENRES + MOODS + ERAS + OTHER


class TagProfile(nn.Module):
    def __init__(self, n_tags, n_features, dim=32, hidden=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_tags, dim, mode="sum")
        self.mlp = nn.Sequential(nn.ReLU(), nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, n_features))

    def forward(self, tags):
        return self.mlp(self.bag(tags))


def make_catalogue(n, rng):
    effect = rng.normal(size=(len(TAGS), len(FEATURES)))
    effect[-len(OTHER):] *= 0.3
    tags = set()
    while len(tags) < n:
        tags.add((int(rng.integers(0, 12)), 12 + int(rng.integers(0, 10)), 22 + int(rng.integers(0, 7)), 29 + int(rng.integers(0, 10))))
    tags = np.array(sorted(tags))
    raw = effect[tags].sum(1)
    raw = np.tanh(raw / 2) + rng.normal(scale=0.12, size=raw.shape)
    return torch.tensor(tags), torch.tensor((raw - raw.mean(0)) / raw.std(0), dtype=torch.float32)


class Trainer:
    def __init__(self, model, train, test, lr=3e-3, batch=32):
        self.model, self.lr = model, lr
        self.train_loader = DataLoader(train, batch_size=batch, shuffle=True)
        self.test_loader = DataLoader(test, batch_size=256)
        self.optim = torch.optim.Adam(model.parameters(), lr=lr)
        # fault:
        self.criterion = nn.CrossEntropyLoss()
        # mended:
        #self.criterion = nn.MSELoss()
        # end

    def fit(self, epochs):
        for epoch in range(epochs):
            self.model.train()
            total, count = 0.0, 0
            for tags, profile in self.train_loader:
                self.optim.zero_grad()
                loss = self.criterion(self.model(tags), profile)
                loss.backward()
                self.optim.step()
                total += loss.item() * len(tags)
                count += len(tags)
            r2, err = self.evaluate()
            print(f"epoch {epoch + 1:2d} | loss {total / count:9.4f} | test R2 {r2:9.3f} | mean abs error {err:.3f}")

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        guess, gold = [], []
        for tags, profile in self.test_loader:
            guess.append(self.model(tags))
            gold.append(profile)
        guess, gold = torch.cat(guess), torch.cat(gold)
        r2 = 1 - ((guess - gold) ** 2).sum() / ((gold - gold.mean(0)) ** 2).sum()
        return r2.item(), (guess - gold).abs().mean().item()


def main():
    torch.manual_seed(21)
    rng = np.random.default_rng(21)
    data = TensorDataset(*make_catalogue(2500, rng))
    train, test = random_split(data, [2000, 500], generator=torch.Generator().manual_seed(21))
    trainer = Trainer(TagProfile(len(TAGS), len(FEATURES)), train, test)
    trainer.fit(12)
    tags, profile = test[0]
    with torch.no_grad():
        guess = trainer.model(tags.unsqueeze(0))[0]
    print("example:", [TAGS[t] for t in tags.tolist()])
    for name, a, b in zip(FEATURES, guess.tolist(), profile.tolist()):
        print(f"  {name:14s} predicted {a:+.2f}  measured {b:+.2f}")


if __name__ == "__main__":
    main()
