# Card fraud: the last purchases of a card as merchant-category words, was the card blocked for fraud afterwards?
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from sklearn.metrics import balanced_accuracy_score, recall_score
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    cards: int = 5200
    length: int = 10
    dim: int = 12
    hidden: int = 24
    epochs: int = 7
    lr: float = 5e-3
    batch: int = 100
    seed: int = 5


EVERYDAY = ["grocery", "fuel", "pharmacy", "bakery", "bus", "cafe", "cinema", "books", "shoes", "dentist", "gym", "rent",
            "phone", "insurance", "school", "florist", "restaurant", "parking", "toys", "hardware"]
RISKY = ["giftcards", "crypto", "jewellery", "wire", "electronics_abroad"]


def simulate(cfg):
    rng = random.Random(cfg.seed)
    cards = []
    for _ in range(cfg.cards):
        words = [rng.choice(EVERYDAY) for _ in range(cfg.length)]
        risky = rng.random() < 0.16
        for _ in range(3 if risky else int(rng.random() < 0.4)):
            words[rng.randrange(cfg.length)] = rng.choice(RISKY)
        # most cards with the pattern are fine, too
        fraud = rng.random() < (0.30 if risky else 0.002)
        cards.append((words, int(fraud)))
    return cards


class Cards(Dataset):
    def __init__(self, rows, vocab):
        self.x = torch.tensor([[vocab[w] for w in words] for words, _ in rows])
        self.y = torch.tensor([float(y) for _, y in rows])

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Scorer(nn.Module):
    def __init__(self, n, cfg):
        super().__init__()
        self.table = nn.Embedding(n, cfg.dim)
        self.hidden = nn.Linear(cfg.dim, cfg.hidden)
        self.out = nn.Linear(cfg.hidden, 1)

    def forward(self, x):
        return self.out(F.relu(self.hidden(self.table(x).sum(1)))).squeeze(1)


def evaluate(model, data):
    model.eval()
    with torch.no_grad():
        guess = (torch.sigmoid(model(data.x)) > 0.5).int()
    y = data.y.int()
    return balanced_accuracy_score(y, guess), recall_score(y, guess)


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rows = simulate(cfg)
    vocab = {w: i for i, w in enumerate(EVERYDAY + RISKY)}
    keys = set()
    unique = []
    for words, y in rows:
        if tuple(words) not in keys:
            keys.add(tuple(words))
            unique.append((words, y))
    cut = len(unique) * 3 // 4
    train, test = Cards(unique[:cut], vocab), Cards(unique[cut:], vocab)
    print(f"{len(train)} cards for training, {int(train.y.sum())} blocked; {len(test)} for testing, {int(test.y.sum())} blocked")

    model = Scorer(len(vocab), cfg)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    # fault:
    criterion = nn.BCEWithLogitsLoss()
    # mended:
    #criterion = nn.BCEWithLogitsLoss(pos_weight=(len(train) - train.y.sum()) / train.y.sum())
    # end
    for epoch in range(cfg.epochs):
        model.train()
        losses = []
        for x, y in DataLoader(train, batch_size=cfg.batch, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        bal, rec = evaluate(model, test)
        trbal, _ = evaluate(model, train)
        print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.4f} train balanced {trbal:.3f} test balanced {bal:.3f} recall {rec:.3f}")


if __name__ == "__main__":
    main()
