"""Which dish does the guest finally want? Short order sentences, the guest may change his mind."""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

DISHES = ["pizza", "soup", "salad", "burger", "pasta", "curry"]
OPENERS = ["hi i want the {}", "good evening the {} please", "we would like one {}", "can i have the {}",
           "the {} for me", "hello could we get a {}"]
CHANGES = ["no wait the {}", "actually make it the {}", "sorry i meant the {}", "hmm rather the {}"]
TAILS = ["thanks", "thank you very much", "and some water", "that is all", "please", "and the bill later"]


@dataclass
class Config:
    max_len: int = 44
    dim: int = 24
    hidden: int = 40
    batch: int = 64
    epochs: int = 4
    lr: float = 6e-3
    n: int = 2000


def make_order(rng):
    dish = rng.choice(DISHES)
    parts = [rng.choice(OPENERS).format(dish)]
    for _ in range(rng.choice([0, 1, 1, 2])):
        dish = rng.choice(DISHES)
        parts.append(rng.choice(CHANGES).format(dish))
    if rng.random() < 0.6:
        parts.append(rng.choice(TAILS))
    return " ".join(parts), DISHES.index(dish)


def build_data(cfg):
    rng = random.Random(11)
    seen = {}
    while len(seen) < cfg.n:
        text, y = make_order(rng)
        seen[text] = y
    rows = list(seen.items())
    rng.shuffle(rows)
    cut = int(0.8 * len(rows))
    return rows[:cut], rows[cut:]


class Orders(Dataset):
    def __init__(self, rows, vocab, max_len):
        self.items = []
        for text, y in rows:
            ids = [vocab.get(w, 1) for w in text.split()][:max_len]
            self.items.append((ids, y))
        self.max_len = max_len

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def collate(self, batch):
        lengths = torch.tensor([len(ids) for ids, _ in batch])
        x = torch.zeros(len(batch), self.max_len, dtype=torch.long)
        for r, (ids, _) in enumerate(batch):
            x[r, :len(ids)] = torch.tensor(ids)
        return x, lengths, torch.tensor([y for _, y in batch])


class OrderNet(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.lstm = nn.LSTM(cfg.dim, cfg.hidden, batch_first=True)
        self.head = nn.Linear(cfg.hidden, len(DISHES))

    def forward(self, x, lengths):
        states, _ = self.lstm(self.words(x))
        # fault:
        last = states[:, -1]
        # mended:
        #last = states[torch.arange(len(x)), lengths - 1]
        # end
        return self.head(last)


def evaluate(net, loader):
    net.eval()
    hit = n = 0
    with torch.no_grad():
        for x, lengths, y in loader:
            hit += (net(x, lengths).argmax(-1) == y).sum().item()
            n += len(y)
    return hit / n


def main():
    cfg = Config()
    torch.manual_seed(0)
    train, test = build_data(cfg)
    vocab = {"<pad>": 0, "<unk>": 1}
    for text, _ in train:
        for w in text.split():
            vocab.setdefault(w, len(vocab))
    tr, te = Orders(train, vocab, cfg.max_len), Orders(test, vocab, cfg.max_len)
    train_dl = DataLoader(tr, cfg.batch, shuffle=True, collate_fn=tr.collate)
    test_dl = DataLoader(te, 256, collate_fn=te.collate)
    net = OrderNet(len(vocab), cfg)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        net.train()
        total = 0.0
        for x, lengths, y in train_dl:
            loss = nn.functional.cross_entropy(net(x, lengths), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            total += loss.item()
        print(f"epoch {epoch + 1} loss {total / len(train_dl):.3f} test {evaluate(net, test_dl):.3f}")
    print(f"final accuracy {evaluate(net, test_dl):.3f}")


if __name__ == "__main__":
    main()
