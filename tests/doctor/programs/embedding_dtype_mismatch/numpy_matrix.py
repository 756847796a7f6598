import random

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

np.random.seed(1)
random.seed(1)
torch.manual_seed(1)

embedding_dim = 50
animals = ["cat", "dog", "horse", "otter", "lion", "mouse", "whale", "eagle", "sheep", "fox"]
vehicles = ["car", "truck", "train", "ferry", "tram", "bike", "plane", "rocket", "wagon", "canoe"]
others = ["the", "a", "saw", "near", "old", "new", "runs", "was", "it", "by", "road", "house", "we", "they", "very", "fast"]

# pre-trained vectors (centred on their kind)
kind = np.random.normal(scale=0.5, size=(2, embedding_dim))
glove = {w: kind[0] + np.random.normal(scale=0.4, size=embedding_dim) for w in animals}
glove.update({w: kind[1] + np.random.normal(scale=0.4, size=embedding_dim) for w in vehicles})
glove.update({w: np.random.normal(scale=0.4, size=embedding_dim) for w in others})

word_to_ix = {w: i for i, w in enumerate(["<pad>"] + sorted(glove))}
glove_embeddings = np.zeros((len(word_to_ix), embedding_dim))
for w, i in word_to_ix.items():
    if w in glove:
        glove_embeddings[i] = glove[w]


class MyModel(nn.Module):
    def __init__(self, embedding_layer):
        super().__init__()
        self.embedding_layer = embedding_layer
        self.rnn = nn.LSTM(embedding_dim, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        out, (h, c) = self.rnn(self.embedding_layer(x))
        return self.fc(h[0])


# fault:
embedding_layer = nn.Embedding.from_pretrained(torch.from_numpy(glove_embeddings), freeze=True)
# mended:
# embedding_layer = nn.Embedding.from_pretrained(torch.from_numpy(glove_embeddings).float(), freeze=True)
# end
model = MyModel(embedding_layer)


def sample(label):
    n = random.randint(4, 9)
    words = random.choices(others, k=n)
    words[random.randrange(n)] = random.choice(vehicles if label else animals)
    return torch.tensor([[word_to_ix[w] for w in words]]), torch.tensor([label])


train = [sample(i % 2) for i in range(200)]
dev = [sample(i % 2) for i in range(200)]
optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.005)
loss_function = nn.CrossEntropyLoss()
for epoch in range(5):
    random.shuffle(train)
    total = 0
    for x, y in train:
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("epoch", epoch, "loss", total / len(train))

with torch.no_grad():
    correct = sum((model(x).argmax(1) == y).item() for x, y in dev)
print("dev accuracy:", correct / len(dev))
