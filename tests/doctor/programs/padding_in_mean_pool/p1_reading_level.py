"""Blog companion code: estimating the reading level of a text with averaged word embeddings.

Every word of our graded reader has a level between 1 (primary school) and 7 (law journal).
Teachers rated whole texts; a rating is roughly the average level of the words, plus some noise.
The model does not see the word levels, only word ids and the rating of the text.
"""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(11)
random.seed(11)

SYLLABLES = ["ba", "co", "di", "fu", "ga", "he", "li", "mo", "nu", "pe", "ra", "so", "ti", "vu"]


def invent_lexicon(size=240):
    lexicon = {}
    while len(lexicon) < size:
        word = "".join(random.choices(SYLLABLES, k=random.randint(2, 4)))
        lexicon.setdefault(word, random.uniform(1.0, 7.0))
    return lexicon


def write_text(lexicon, words_by_level):
    target = random.uniform(1.5, 6.5)
    length = random.choice([3, 5, 8, 12, 20, 35, 50])
    words = []
    for _ in range(length):
        wanted = min(max(random.gauss(target, 1.2), 1.0), 7.0)
        words.append(random.choice(words_by_level[round(wanted)]))
    rating = sum(lexicon[w] for w in words) / length + random.gauss(0, 0.15)
    return words, rating


class GradedTexts(Dataset):
    def __init__(self, rows, word_to_id):
        self.rows = [(torch.tensor([word_to_id[w] for w in words]), rating) for words, rating in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]


def collate(batch):
    ids, ratings = zip(*batch)
    padded = pad_sequence(ids, batch_first=True, padding_value=0)
    return padded, torch.tensor(ratings)


class ReadingLevelModel(nn.Module):
    def __init__(self, vocab_size, dim=24):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.output = nn.Linear(dim, 1)

    def forward(self, ids):
        vectors = self.embedding(ids)
        # fault:
        text = vectors.mean(dim=1)
        # mended:
        #present = (ids != 0).unsqueeze(-1).float()
        #text = (vectors * present).sum(dim=1) / present.sum(dim=1)
        # end
        return self.output(text).squeeze(-1)


def evaluate(model, loader):
    model.eval()
    predictions, truths = [], []
    with torch.no_grad():
        for ids, ratings in loader:
            predictions.append(model(ids))
            truths.append(ratings)
    predictions, truths = torch.cat(predictions), torch.cat(truths)
    mse = ((predictions - truths) ** 2).mean()
    r2 = 1 - mse / ((truths - truths.mean()) ** 2).mean()
    return mse.item(), r2.item()


lexicon = invent_lexicon()
words_by_level = {level: [] for level in range(1, 8)}
for word, level in lexicon.items():
    words_by_level[round(level)].append(word)
word_to_id = {word: i for i, word in enumerate(lexicon, start=1)}

texts = {}
while len(texts) < 2400:
    words, rating = write_text(lexicon, words_by_level)
    texts.setdefault(tuple(sorted(words)), (words, rating))
rows = list(texts.values())
train_set = GradedTexts(rows[:2000], word_to_id)
valid_set = GradedTexts(rows[2000:], word_to_id)
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_set, batch_size=100, collate_fn=collate)

model = ReadingLevelModel(len(word_to_id) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.3)
criterion = nn.MSELoss()

for epoch in range(1, 13):
    model.train()
    total = 0.0
    for ids, ratings in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(ids), ratings)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(ratings)
    scheduler.step()
    if epoch % 4 == 0:
        mse, r2 = evaluate(model, valid_loader)
        print(f"epoch {epoch:2d}  train mse {total / len(train_set):.3f}  valid mse {mse:.3f}  R2 {r2:.3f}")

mse, r2 = evaluate(model, valid_loader)
print(f"final validation: mse {mse:.3f}, R2 {r2:.3f}")
