"""Perfume families from their notes, with few rare families, label smoothing and gradient accumulation.

Two of the five families make up most of the shelf. A weighted sampler shows the rare ones
as often as the common ones; we report balanced accuracy.
"""
import random
from collections import Counter

import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

random.seed(1921)
torch.manual_seed(1921)

FAMILIES = {
    "floral": ("rose jasmine tuberose violet peony iris lily neroli freesia magnolia".split(), 0.40),
    "woody": ("cedar sandalwood vetiver patchouli oud birch cypress guaiac pine cashmere".split(), 0.32),
    "citrus": ("bergamot lemon grapefruit mandarin yuzu lime petitgrain verbena orange pomelo".split(), 0.14),
    "gourmand": ("vanilla caramel cocoa tonka praline almond coffee honey cream rum".split(), 0.09),
    "fougere": ("lavender oakmoss coumarin geranium fern sage basil mint hay tobacco".split(), 0.05),
}
NAMES = list(FAMILIES)
COMMON = "musk amber pepper benzoin aldehydes ambroxan pinkpepper saffron incense leather".split()
ALL_NOTES = [n for notes, _ in FAMILIES.values() for n in notes] + COMMON
STOI = {n: i + 1 for i, n in enumerate(ALL_NOTES)}


def blend(family):
    notes = random.sample(FAMILIES[NAMES[family]][0], random.randint(2, 4))
    notes += random.sample(COMMON, random.randint(1, 4))
    stray = random.choice([f for f in range(len(NAMES)) if f != family])
    notes += random.sample(FAMILIES[NAMES[stray]][0], random.randint(0, 2))
    random.shuffle(notes)
    return notes


def shelf(n):
    shares = [share for _, share in FAMILIES.values()]
    bottles = {}
    while len(bottles) < n:
        family = random.choices(range(len(NAMES)), shares)[0]
        notes = blend(family)
        bottles.setdefault(tuple(sorted(notes)), (notes, family))
    bottles = list(bottles.values())
    random.shuffle(bottles)
    return bottles


class PerfumeDataset(Dataset):
    def __init__(self, bottles):
        self.bottles = bottles

    def __len__(self):
        return len(self.bottles)

    def __getitem__(self, idx):
        notes, family = self.bottles[idx]
        return torch.tensor([STOI[n] for n in notes]), family


def collate(batch):
    notes, families = zip(*batch)
    return pad_sequence(notes, batch_first=True), torch.tensor(families)


class NoteAttention(nn.Module):
    """additive attention pooling over the notes of a perfume"""

    def __init__(self, n_notes, n_families, dim=32):
        super().__init__()
        self.embedding = nn.Embedding(n_notes + 1, dim, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, 1))
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(dim, n_families)

    def forward(self, x):
        e = self.embedding(x)
        scores = self.score(e).squeeze(-1).masked_fill(x == 0, float("-inf"))
        weights = scores.softmax(dim=1).unsqueeze(-1)
        return self.out(self.drop((weights * e).sum(dim=1)))


def train(model, loader, optimizer, criterion, accumulate=2):
    model.train()
    total = 0.0
    optimizer.zero_grad()
    for step, (x, y) in enumerate(loader, 1):
        loss = criterion(model(x), y)
        (loss / accumulate).backward()
        if step % accumulate == 0 or step == len(loader):
            optimizer.step()
            optimizer.zero_grad()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    preds, truth = [], []
    for x, y in loader:
        preds += model(x).argmax(1).tolist()
        truth += y.tolist()
    return balanced_accuracy_score(truth, preds)


bottles = shelf(2500)
train_set, test_set = PerfumeDataset(bottles[:2000]), PerfumeDataset(bottles[2000:])
counts = Counter(family for _, family in train_set.bottles)
print("families in training:", {NAMES[f]: c for f, c in counts.most_common()})
sampler = WeightedRandomSampler([1 / counts[f] for _, f in train_set.bottles], num_samples=len(train_set))
train_loader = DataLoader(train_set, batch_size=16, sampler=sampler, collate_fn=collate)
plain_loader = DataLoader(train_set, batch_size=200, collate_fn=collate)
test_loader = DataLoader(test_set, batch_size=200, collate_fn=collate)

model = NoteAttention(len(ALL_NOTES), len(NAMES))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
for epoch in range(1, 10):
    loss = train(model, train_loader, optimizer, criterion)
    print(f"epoch {epoch}: loss {loss:.3f}, balanced accuracy train {evaluate(model, plain_loader):.3f}, test {evaluate(model, test_loader):.3f}")
