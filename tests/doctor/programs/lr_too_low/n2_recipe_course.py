"""Part 3 of the kitchen series: which course does a list of ingredients belong to?

We write a small GRU classifier with packed sequences. The data are shopping lists that we
draw ourselves, so that you can follow along without downloading anything.
"""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(11)
random.seed(11)

COURSES = ["dessert", "soup", "salad", "bread", "curry"]
TYPICAL = {
    "dessert": "sugar vanilla cocoa cream butter strawberries meringue caramel almonds icing".split(),
    "soup": "stock leek celery noodles dumplings carrot barley lentils broth marrow".split(),
    "salad": "lettuce cucumber radish vinaigrette rocket feta olives tomato croutons chicory".split(),
    "bread": "yeast flour rye malt sourdough starter bran seeds wholemeal semolina".split(),
    "curry": "turmeric cumin ghee coconut paneer coriander chickpeas ginger cardamom chilli".split(),
}
COMMON = "salt water oil pepper onion garlic lemon milk egg parsley honey vinegar".split()
FILLER = "a some fresh chopped of and spoon cup handful pinch more the".split()


def write_list(course):
    words = []
    for _ in range(random.randint(4, 7)):
        words.append(random.choice(FILLER))
        r = random.random()
        if r < 0.5:
            words.append(random.choice(TYPICAL[course]))
        elif r < 0.62:
            words.append(random.choice(TYPICAL[random.choice(COURSES)]))
        else:
            words.append(random.choice(COMMON))
    return words


class Vocab:
    def __init__(self, texts):
        self.itos = ["<pad>", "<unk>"] + sorted({w for t in texts for w in t})
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def encode(self, words):
        return torch.tensor([self.stoi.get(w, 1) for w in words])


class RecipeDataset(Dataset):
    def __init__(self, rows, vocab):
        self.items = [(vocab.encode(words), COURSES.index(course)) for words, course in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    seqs, labels = zip(*batch)
    lengths = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lengths, torch.tensor(labels)


class CourseClassifier(nn.Module):
    def __init__(self, vocab_size, n_classes, emb_dim=24, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim, padding_idx=0)
        self.gru = nn.GRU(emb_dim, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(hidden, n_classes)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.dropout(self.embedding(x)), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.out(self.dropout(h[-1]))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    right = total = 0
    for x, lengths, y in loader:
        right += (model(x, lengths).argmax(1) == y).sum().item()
        total += len(y)
    return right / total


seen, rows = set(), []
while len(rows) < 2000:
    course = COURSES[len(rows) % len(COURSES)]
    words = write_list(course)
    if tuple(words) not in seen:
        seen.add(tuple(words))
        rows.append((words, course))
random.shuffle(rows)
train_rows, val_rows = rows[:1600], rows[1600:]

vocab = Vocab([words for words, _ in train_rows])
train_loader = DataLoader(RecipeDataset(train_rows, vocab), batch_size=32, shuffle=True, collate_fn=collate)
val_loader = DataLoader(RecipeDataset(val_rows, vocab), batch_size=100, collate_fn=collate)

model = CourseClassifier(len(vocab), len(COURSES))
# fault:
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
# mended:
#optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
# end
criterion = nn.CrossEntropyLoss()

for epoch in range(5):
    model.train()
    running = 0.0
    for x, lengths, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x, lengths), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item() * len(y)
    print(f"epoch {epoch + 1}  train loss {running / len(train_rows):.3f}  "
          f"train acc {accuracy(model, train_loader):.3f}  val acc {accuracy(model, val_loader):.3f}")
