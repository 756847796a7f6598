"""A neural probabilistic language model (Bengio et al. 2003) on image captions.

Three words in, a distribution over the next word out.
"""
import gzip
import math
import os
import re
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2003)
CONTEXT = 3
N_CAPTIONS = 8000
VOCAB = 200

path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "train.en.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    captions = [re.findall(r"[a-z]+|\.", next(f).lower()) for _ in range(N_CAPTIONS)]

counts = Counter(word for caption in captions for word in caption)
words = ["<s>"] + [word for word, _ in counts.most_common(VOCAB)]
index = {word: i for i, word in enumerate(words)}


def windows(captions):
    """All (context, next word) pairs whose words are in the vocabulary; repeated pairs are counted once."""
    pairs = {}
    for caption in captions:
        ids = [0] * CONTEXT + [index.get(word, -1) for word in caption]
        for i in range(CONTEXT, len(ids)):
            piece = ids[i - CONTEXT:i + 1]
            if -1 not in piece:
                pairs[tuple(piece)] = True
    return pairs


train_pairs = windows(captions[:7200])
valid_pairs = [p for p in windows(captions[7200:]) if p not in train_pairs]
train_pairs = torch.tensor(list(train_pairs))
valid_pairs = torch.tensor(valid_pairs)
train_set = TensorDataset(train_pairs[:, :CONTEXT], train_pairs[:, CONTEXT])
valid_set = TensorDataset(valid_pairs[:, :CONTEXT], valid_pairs[:, CONTEXT])
print(len(train_set), "training windows,", len(valid_set), "validation windows,", len(words), "words")


class NeuralLM(nn.Module):
    def __init__(self, n_words, dim=32, hidden=96):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim)
        self.hidden = nn.Linear(CONTEXT * dim, hidden)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(hidden, n_words)

    def forward(self, context):
        x = self.embed(context).flatten(1)
        x = self.drop(torch.tanh(self.hidden(x)))
        # fault:
        return torch.softmax(self.out(x), dim=-1)
        # mended:
        #return self.out(x)
        # end


@torch.no_grad()
def validate(model, loader, criterion):
    model.eval()
    loss = correct = seen = 0
    for context, target in loader:
        prediction = model(context)
        loss += criterion(prediction, target).item() * len(target)
        correct += (prediction.argmax(dim=-1) == target).sum().item()
        seen += len(target)
    return loss / seen, correct / seen


model = NeuralLM(len(words))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
train_loader = DataLoader(train_set, batch_size=128, shuffle=True)
valid_loader = DataLoader(valid_set, batch_size=500)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)

for epoch in range(1, 6):
    model.train()
    total = 0.0
    for context, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(context), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    valid_loss, accuracy = validate(model, valid_loader, criterion)
    print(f"epoch {epoch}  train loss {total / len(train_loader):.3f}  valid loss {valid_loss:.3f}  "
          f"perplexity {math.exp(valid_loss):.1f}  accuracy {accuracy:.3f}")

most_common = train_pairs[:, CONTEXT].bincount().argmax()
print("always guessing the commonest word:", round((valid_pairs[:, CONTEXT] == most_common).float().mean().item(), 3))
