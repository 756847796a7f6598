"""How hot is this dish? Predicting a heat score from an ingredient list with PyTorch.

Every recipe is a list of ingredients of any length. The target is the tasting
panel's heat score per spoonful (0 = baby food, 10 = call the fire brigade).
"""
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

SEED = 11
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

PAD = "<pad>"
BASES = ["rice", "noodles", "lentils", "chickpeas", "potato", "tomato", "onion", "coconut_milk", "yoghurt", "spinach",
         "aubergine", "tofu", "paneer", "chicken", "prawns", "beef", "lime", "basil", "mint", "cream", "butter", "egg",
         "okra", "carrot", "cabbage", "peas", "mushroom", "squash", "corn", "beans"]
SPICES = {"ginger": 4.0, "garlic": 2.5, "mustard_seed": 5.0, "black_pepper": 6.0, "paprika": 4.5, "jalapeno": 11.0,
          "serrano": 13.0, "cayenne": 15.0, "thai_chili": 18.0, "scotch_bonnet": 22.0, "habanero": 23.0, "gochujang": 9.0,
          "harissa": 10.0, "wasabi": 12.0, "sambal": 14.0, "horseradish": 8.0}
MILD = {b: (i % 5) * 0.3 - 0.4 for i, b in enumerate(BASES)}
HEAT = {**MILD, **SPICES}


def write_recipe(rng):
    n = int(rng.choice([rng.integers(3, 7), rng.integers(6, 13), rng.integers(14, 33)]))
    p_spice = rng.uniform(0.0, 0.75)
    names = list(SPICES)
    items = [names[rng.integers(len(names))] if rng.random() < p_spice else BASES[rng.integers(len(BASES))] for _ in range(n)]
    heat = np.mean([HEAT[i] for i in items]) + rng.normal(0, 0.3)
    return tuple(items), float(heat)


def cook_book(size, seed):
    rng = np.random.default_rng(seed)
    book = {}
    while len(book) < size:
        items, heat = write_recipe(rng)
        key = tuple(sorted(items))
        if key not in book:
            book[key] = (items, heat)
    return list(book.values())


class RecipeDataset(Dataset):
    def __init__(self, recipes, vocab):
        self.x = [torch.tensor([vocab[i] for i in items]) for items, _ in recipes]
        self.y = torch.tensor([heat for _, heat in recipes])

    def __len__(self):
        return len(self.x)

    def __getitem__(self, idx):
        return self.x[idx], self.y[idx]


def collate(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True, padding_value=0), torch.stack(ys)


class HeatModel(nn.Module):
    def __init__(self, vocab_size, dim=24):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.out = nn.Linear(dim, 1)

    def forward(self, x):
        vectors = self.embedding(x)
        # fault:
        pooled = vectors.mean(dim=1)
        # mended:
        #mask = (x != 0).unsqueeze(-1).float()
        #pooled = (vectors * mask).sum(dim=1) / mask.sum(dim=1)
        # end
        return self.out(pooled).squeeze(-1)


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    preds, targets = [], []
    for x, y in loader:
        preds.append(model(x))
        targets.append(y)
    preds, targets = torch.cat(preds), torch.cat(targets)
    mse = ((preds - targets) ** 2).mean()
    return mse.item(), (1 - mse / targets.var(unbiased=False)).item()


if __name__ == "__main__":
    recipes = cook_book(2600, SEED)
    vocab = {PAD: 0}
    for name in HEAT:
        vocab[name] = len(vocab)
    train_loader = DataLoader(RecipeDataset(recipes[:2000], vocab), batch_size=32, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(RecipeDataset(recipes[2000:], vocab), batch_size=100, collate_fn=collate)

    model = HeatModel(len(vocab))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
    criterion = nn.MSELoss()
    for epoch in range(1, 13):
        train_loss = train(model, train_loader, optimizer, criterion)
        val_loss, r2 = evaluate(model, val_loader)
        print(f"epoch {epoch:2d} | train mse {train_loss:.3f} | val mse {val_loss:.3f} | val R2 {r2:.3f}")
