"""Spam filter for short job offers with a bidirectional vanilla RNN."""
import random

import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, Dataset

random.seed(10)
torch.manual_seed(10)
GOOD = "salary contract office team junior senior engineer nurse driver".split()
BAD = "crypto instantly guaranteed winner click prize transfer fee".split()
COMMON = "you we the job apply home work now start today free time for and from".split()
itos = ["<pad>"] + GOOD + BAD + COMMON
stoi = {w: i for i, w in enumerate(itos)}


class Offers(Dataset):
    def __init__(self, n, forbidden=()):
        self.data, taken = [], set(forbidden)
        while len(self.data) < n:
            spam = random.random() < 0.5
            words = random.choices(COMMON, k=random.randint(3, 8))
            words += random.sample(BAD, 2) + random.sample(GOOD, 1) if spam else random.sample(GOOD, 2) + random.sample(BAD, random.randint(0, 1))
            random.shuffle(words)
            if tuple(words) not in taken:
                taken.add(tuple(words))
                self.data.append((words, int(spam)))

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.data[i]


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in ws]) for ws, _ in batch])
    return x, torch.tensor([len(ws) for ws, _ in batch]), torch.tensor([float(s) for _, s in batch])


class SpamRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(itos), 24, padding_idx=0)
        self.rnn = nn.RNN(24, 32, bidirectional=True)
        self.fc = nn.Linear(64, 1)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lens, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.fc(torch.cat([h[0], h[1]], dim=-1)).squeeze(-1)


train = Offers(1600)
test = Offers(300, [tuple(w) for w, _ in train.data])
model = SpamRNN()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(10):
    running = 0.0
    for x, lens, y in DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate):
        # fault:
        optimizer.zero_grad
        # mended:
        # optimizer.zero_grad()
        # end
        loss = criterion(model(x, lens), y)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 5.0)
        optimizer.step()
        running += loss.item()
    with torch.no_grad():
        x, lens, y = collate(test.data)
        acc = ((model(x, lens) > 0).float() == y).float().mean().item()
    print("Epoch: %d, Loss: %.4f, Test accuracy: %.4f" % (epoch, running / 50, acc))
