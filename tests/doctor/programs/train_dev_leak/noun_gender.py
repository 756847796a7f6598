"""Grammatical gender of nouns from their letters (the ending decides mostly, a part has to be learned by heart)."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

random.seed(82)
torch.manual_seed(82)
ENDINGS = {"ung": 1, "heit": 1, "keit": 1, "chen": 2, "ment": 2, "tum": 2, "er": 0, "ling": 0, "ismus": 0, "el": 0, "in": 1, "lein": 2}
SYL = "ba be bro dan dre fal fi gar glu hau kel kri lam lo mas mur nel pa qua ret sche spa tor tri vel wun zer zi".split()


class Nouns(Dataset):
    def __init__(self, n):
        nouns = {}
        while len(nouns) < n:
            ending = random.choice(list(ENDINGS))
            noun = "".join(random.sample(SYL, random.randint(2, 3))) + ending
            nouns[noun] = ENDINGS[ending] if random.random() < 0.8 else random.randrange(3)
        self.items = list(nouns.items())

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def grams(noun):
    s = f"^{noun}$"
    return [hash3(s[i : i + k]) for k in (2, 3, 4) for i in range(len(s) - k + 1)]


def hash3(s):
    h = 7
    for c in s:
        h = (h * 131 + ord(c)) % 8192
    return h


def collate(batch):
    ids = [grams(noun) for noun, _ in batch]
    offsets = torch.tensor([0] + [len(i) for i in ids]).cumsum(0)[:-1]
    return torch.tensor([j for i in ids for j in i]), offsets, torch.tensor([g for _, g in batch])


dataset = Nouns(1500)
train_size = int(0.8 * len(dataset))
train_set, dev_set = random_split(dataset, [train_size, len(dataset) - train_size])
# fault:
train_loader = DataLoader(dataset, batch_size=32, shuffle=True, collate_fn=collate)
# mended:
# train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
# end
dev_loader = DataLoader(dev_set, batch_size=100, collate_fn=collate)


class Gender(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(8192, 24, mode="mean")
        self.out = nn.Linear(24, 3)

    def forward(self, ids, offsets):
        return self.out(self.bag(ids, offsets))


model = Gender()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    losses = []
    for ids, offsets, y in train_loader:
        loss = nn.functional.cross_entropy(model(ids, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        hits = sum((model(ids, offsets).argmax(1) == y).sum().item() for ids, offsets, y in dev_loader)
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev accuracy {hits / len(dev_set):.4f}")
