"""Mark citations in rulings: one tag per token (O, statute, case, date), transformer encoder with padded batches."""
import random
from types import SimpleNamespace

import torch
from torch import nn
from torch.utils.data import DataLoader

TAGS = ["O", "STATUTE", "CASE", "DATE"]
PLAIN = ("the court finds that under this claim a party may not rely on evidence which was held to be of no effect in as "
         "affirmed by appellant see cited and article for").split()
NAMES = [a + b for a in ("Mar", "Hol", "Ster", "Wen", "Bri", "Cor", "Dal", "Fen") for b in ("tin", "den", "ling", "ner", "ton", "win")]
MONTHS = "January March May June August October December".split()
ACTS = ["Companies", "Evidence", "Housing", "Tax", "Marriage", "Shipping"]


def citation(rng):
    kind = rng.choice(["STATUTE", "CASE", "DATE"])
    if kind == "STATUTE":
        words = ["section", str(rng.randint(1, 60)), "of", "the", rng.choice(ACTS), "Act"]
    elif kind == "CASE":
        words = [rng.choice(NAMES), "v", rng.choice(NAMES), str(rng.randint(1950, 1999))]
    else:
        words = [str(rng.randint(1, 31)), rng.choice(MONTHS), str(rng.randint(1950, 1999))]
    return words, kind


def sentence(rng):
    words, tags = [], []
    for _ in range(rng.randint(1, 2)):
        for _ in range(rng.randint(1, 5)):
            words.append(str(rng.randint(1, 60)) if rng.random() < 0.04 else rng.choice(NAMES) if rng.random() < 0.04 else rng.choice(PLAIN))
            tags.append("O")
        cited, kind = citation(rng)
        words += cited
        tags += [kind] * len(cited)
    return words, tags


class Tagger(nn.Module):
    def __init__(self, n_words, dim=40, longest=40):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.places = nn.Embedding(longest, dim)
        nn.init.normal_(self.places.weight, std=1.0)
        layer = nn.TransformerEncoderLayer(dim, 4, 80, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.tags = nn.Linear(dim, len(TAGS))

    def forward(self, x):
        h = self.words(x) + self.places(torch.arange(x.shape[1]))
        return self.tags(self.encoder(h, src_key_padding_mask=x == 0))


def main():
    conf = SimpleNamespace(n=1800, held=300, batch=32, epochs=8, lr=3e-3)
    rng = random.Random(12)
    torch.manual_seed(12)
    rows = {}
    while len(rows) < conf.n:
        words, tags = sentence(rng)
        rows[" ".join(words)] = (words, tags)
    rows = list(rows.values())
    held, train = rows[:conf.held], rows[conf.held:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for words, _ in train:
        for w in words:
            vocab.setdefault(w, len(vocab))

    def collate(part):
        x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in ws]) for ws, _ in part], batch_first=True)
        y = nn.utils.rnn.pad_sequence([torch.tensor([TAGS.index(t) for t in ts]) for _, ts in part], batch_first=True, padding_value=-100)
        return x, y

    model = Tagger(len(vocab))
    optimizer = torch.optim.AdamW(model.parameters(), lr=conf.lr, weight_decay=0.01)
    loader = DataLoader(train, conf.batch, shuffle=True, collate_fn=collate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, conf.lr, epochs=conf.epochs, steps_per_epoch=len(loader), pct_start=0.2)
    criterion = nn.CrossEntropyLoss(ignore_index=-100)
    for epoch in range(conf.epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            loss = criterion(model(x).transpose(1, 2), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            x, y = collate(held)
            out = model(x)
            real = y >= 0
            right = (out.argmax(-1) == y) | ~real
        print(f"epoch {epoch + 1} train {total / len(loader):.3f} held {criterion(out.transpose(1, 2), y):.3f} "
              f"tokens {right[real].float().mean():.3f} sentences {right.all(1).float().mean():.3f}")
    print("share of O:", round((y[real] == 0).float().mean().item(), 3))


if __name__ == "__main__":
    main()
