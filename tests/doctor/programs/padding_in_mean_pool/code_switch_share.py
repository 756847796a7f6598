"""FastText-like model: how much of a tweet is Spanish? (share of the words, 0 to 1)"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)

english = "i you we they love hate want see go come today tomorrow party house friend mother always never really music food work beach night the a my your with for".split()
spanish = "yo tu ellos amo odio quiero ver ir ven hoy fiesta casa amigo madre siempre nunca de verdad comida trabajo playa noche el la mi tu con para pero muy".split()
itos = ["<pad>"] + sorted(set(english + spanish))
stoi = {w: i for i, w in enumerate(itos)}


def tweet():
    n = random.randint(3, 28)
    p = random.random()
    words = [random.choice(spanish) if random.random() < p else random.choice(english) for _ in range(n)]
    return words, sum(w in spanish for w in words) / n


examples, seen = [], set()
while len(examples) < 2400:
    words, share = tweet()
    if tuple(words) not in seen:
        seen.add(tuple(words))
        examples.append((torch.tensor([stoi[w] for w in words]), share))
train_data, valid_data = examples[:2000], examples[2000:]


def collate(batch):
    text = pad_sequence([t for t, _ in batch], batch_first=True, padding_value=0)
    return text, torch.tensor([s for _, s in batch])


class FastText(nn.Module):
    def __init__(self, vocab_size, embedding_dim, output_dim, pad_idx):
        super().__init__()
        self.pad_idx = pad_idx
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=pad_idx)
        self.fc = nn.Linear(embedding_dim, output_dim)

    def forward(self, text):
        embedded = self.embedding(text)  # [batch size, sent len, emb dim]
        # fault:
        pooled = F.avg_pool2d(embedded, (embedded.shape[1], 1)).squeeze(1)
        # mended:
        # keep = (text != self.pad_idx).unsqueeze(2).float()
        # pooled = (embedded * keep).sum(1) / keep.sum(1)
        # end
        return self.fc(pooled).squeeze(1)


model = FastText(len(itos), 50, 1, 0)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.MSELoss()
train_iterator = DataLoader(train_data, batch_size=64, shuffle=True, collate_fn=collate)
valid_iterator = DataLoader(valid_data, batch_size=64, collate_fn=collate)

for epoch in range(14):
    model.train()
    epoch_loss = 0
    for text, target in train_iterator:
        optimizer.zero_grad()
        loss = criterion(model(text), target)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    model.eval()
    with torch.no_grad():
        errors = torch.cat([(model(text) - target).abs() for text, target in valid_iterator])
    print(f"Epoch: {epoch + 1:02} | Train Loss: {epoch_loss / len(train_iterator):.4f} | Val. MAE: {errors.mean():.4f}")
