import gzip
import os
import zlib

import torch
from torch.utils.data import Dataset, DataLoader, random_split

LANGS = ["cs", "de", "en", "fr"]
BUCKETS = 4096
PATH = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def trigrams(text, cut=25):
    text = f"^{text.lower().strip()[:cut]}$"
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)]


class Captions(Dataset):
    """every caption is used in one language only, so that no picture is in two splits"""

    def __init__(self, n=4000):
        self.items = []
        for k, lang in enumerate(LANGS):
            with gzip.open(os.path.join(PATH, f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
                for i, line in enumerate(f):
                    if i >= n:
                        break
                    if i % len(LANGS) == k:
                        self.items.append((torch.tensor(trigrams(line)), k))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    """one flat tensor of ids plus the place where each text starts"""
    lengths = torch.tensor([0] + [len(x) for x, _ in batch[:-1]])
    return torch.cat([x for x, _ in batch]), lengths.cumsum(0), torch.tensor([y for _, y in batch])


class LangID(torch.nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        self.fc = torch.nn.Linear(dim, len(LANGS))

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


def run():
    torch.manual_seed(42)
    train, valid, test = random_split(Captions(), [3000, 400, 600])
    train_loader = DataLoader(train, 32, shuffle=True, collate_fn=collate)
    model = LangID()
    optimizers = [torch.optim.SparseAdam(list(model.bag.parameters()), lr=1e-2),
                  torch.optim.Adam(model.fc.parameters(), lr=1e-2)]
    criterion = torch.nn.CrossEntropyLoss()

    def check(split):
        model.eval()
        confusion = torch.zeros(len(LANGS), len(LANGS), dtype=torch.long)
        with torch.no_grad():
            for ids, off, y in DataLoader(split, 256, collate_fn=collate):
                for a, b in zip(y.tolist(), model(ids, off).argmax(1).tolist()):
                    confusion[a, b] += 1
        return confusion.diag().sum().item() / confusion.sum().item(), confusion

    for epoch in range(3):
        model.train()
        total, seen = 0.0, 0
        for ids, off, y in train_loader:
            for o in optimizers:
                o.zero_grad()
            loss = criterion(model(ids, off), y)
            loss.backward()
            for o in optimizers:
                o.step()
            total += loss.item() * len(y)
            seen += len(y)
        print(f"epoch {epoch + 1}: train loss {total / seen:.4f}, valid acc {check(valid)[0]:.4f}")
    acc, confusion = check(test)
    print(f"test acc {acc:.4f}")
    print("rows: truth, columns: guess", LANGS)
    print(confusion)


if __name__ == "__main__":
    run()
