"""Topic of a question, sum of GloVe vectors (medium-post style weights matrix)."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(50)
np.random.seed(50)
torch.manual_seed(50)
topics = {
    "food": "bread cheese fish chicken rice soup fruit wine beer meat milk butter sugar salt coffee tea".split(),
    "body": "heart brain skin hair eyes hands leg arm neck stomach bone knee shoulder blood nose teeth".split(),
    "travel": "airport flight train hotel bus ship passenger tourist road ferry passengers flights trains highway airline visitors".split(),
    "school": "teacher student university exam class college campus lesson degree education professor courses students teachers classes graduate".split(),
}
ask = "what is the best way to how do i can you why does when should we a of for my in with it get any one where".split()
names = list(topics)
questions = {}
while len(questions) < 1400:
    y = random.randrange(4)
    q = random.choices(ask, k=random.randint(2, 12)) + random.sample(topics[names[y]], random.choice([1, 2]))
    random.shuffle(q)
    questions[" ".join(q)] = y
questions = list(questions.items())
glove = {}
with gzip.open(os.environ.get("WORDFIT_DATA", "../shared/data") + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for l in f:
        line = l.split()
        glove[line[0]] = np.array(line[1:]).astype(np.float32)

target_vocab = ["<pad>"] + sorted({w for q, _ in questions for w in q.split()})
word2idx = {w: i for i, w in enumerate(target_vocab)}
weights_matrix = np.zeros((len(target_vocab), 50), dtype=np.float32)
for i, word in enumerate(target_vocab):
    try:
        weights_matrix[i] = glove[word]
    except KeyError:
        weights_matrix[i] = np.random.normal(scale=0.6, size=(50,))
# fault:
# mended:
# weights_matrix[word2idx["<pad>"]] = 0
# end

MAX_LEN = 60
X = torch.zeros(len(questions), MAX_LEN, dtype=torch.long)
for i, (q, _) in enumerate(questions):
    ids = [word2idx[w] for w in q.split()]
    X[i, : len(ids)] = torch.tensor(ids)
y = torch.tensor([t for _, t in questions])


class SumOfWords(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embedding = nn.Embedding(*weights.shape)
        self.embedding.weight.data.copy_(torch.from_numpy(weights))
        self.embedding.weight.requires_grad = False
        self.fc1 = nn.Linear(weights.shape[1], 40)
        self.fc2 = nn.Linear(40, 4)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(self.embedding(x).sum(dim=1))))


model = SumOfWords(weights_matrix)
optimizer = torch.optim.Adam([model.fc1.weight, model.fc1.bias, model.fc2.weight, model.fc2.bias], lr=2e-3)
for epoch in range(12):
    for idx in torch.randperm(1000).split(25):
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev acc {(model(X[1000:]).argmax(1) == y[1000:]).float().mean():.4f}")
