"""BiGRU for the polarity of adjectives in context; pretrained vectors from a GloVe file, not tuned."""
import random

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(14)
torch.manual_seed(14)
g = np.random.default_rng(14)
letters = "bcdfghlmnprstv"
make = lambda: "".join(random.choice(letters) + random.choice("aeiou") for _ in range(3))
pool = sorted({make() for _ in range(700)})
random.shuffle(pool)
good, bad, rest = pool[:100], pool[100:200], pool[200:350]
mu_good, mu_bad = g.normal(0, 0.3, 50), g.normal(0, 0.3, 50)
with open("glove.50d.txt", "w") as f:
    for ws, mu in ((good, mu_good), (bad, mu_bad), (rest, 0)):
        for w in ws:
            f.write(w + " " + " ".join(f"{v:.5f}" for v in mu + g.normal(0, 0.35, 50)) + "\n")


def sample(lo, hi):
    y = random.random() < 0.5
    s = random.choices((good if y else bad)[lo:hi], k=2) + random.choices(rest, k=random.randint(3, 8))
    random.shuffle(s)
    return tuple(s), float(y)


train = sorted({sample(0, 50) for _ in range(1000)})
dev = sorted({sample(50, 100) for _ in range(400)})
TEXT = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted(pool[:350]))}
pretrained_embeddings = torch.zeros(len(TEXT), 50)
for line in open("glove.50d.txt"):
    w, *v = line.split()
    pretrained_embeddings[TEXT[w]] = torch.tensor(list(map(float, v)))


class RNN(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.rnn = nn.GRU(embedding_dim, hidden_dim, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hidden_dim, 1)
        self.dropout = nn.Dropout(0.3)

    def forward(self, text, lengths):
        packed = pack_padded_sequence(self.dropout(self.embedding(text)), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.fc(self.dropout(torch.cat((h[0], h[1]), 1))).squeeze(1)


def init_weights(m):
    for name, param in m.named_parameters():
        if "bias" in name:
            nn.init.constant_(param.data, 0)
        else:
            nn.init.normal_(param.data, mean=0, std=0.1)


model = RNN(len(TEXT), 50, 32)
# fault:
model.embedding.weight.data.copy_(pretrained_embeddings)
model.apply(init_weights)
# mended:
# model.apply(init_weights)
# model.embedding.weight.data.copy_(pretrained_embeddings)
# end
model.embedding.weight.data[0] = 0
model.embedding.weight.requires_grad = False


def collate(rows):
    xs = [torch.tensor([TEXT.get(w, 1) for w in s]) for s, _ in rows]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([y for _, y in rows])


optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(8):
    model.train()
    total = 0
    for text, lengths, y in DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(text, lengths), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        text, lengths, y = collate(dev)
        acc = ((model(text, lengths) > 0) == (y > 0.5)).float().mean()
    print(f"Epoch: {epoch + 1:02} | Train Loss: {total / len(train):.3f} | Val. Acc: {acc * 100:.2f}%")
