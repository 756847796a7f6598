"""SMS spam filter."""
import random

import torch
from torch import nn, optim

random.seed(3)
torch.manual_seed(3)
SPAM = "free win prize claim cash urgent call now txt stop mobile offer guaranteed award ringtone voucher reply week".split()
HAM = "ok later home dinner love sorry meeting sleep class lunch bus morning see tonight miss mum work thanks".split()
BOTH = "you your to a the i for is are me u and on in have we will get just with".split()


def message():
    spam = random.random() < 0.45
    own, other = (SPAM, HAM) if spam else (HAM, SPAM)
    words = random.choices(own, k=random.randint(2, 5)) + random.choices(BOTH, k=random.randint(3, 10))
    if random.random() < 0.25:
        words.append(random.choice(other))
    random.shuffle(words)
    return " ".join(words), spam


corpus = {}
while len(corpus) < 1500:
    text, spam = message()
    corpus[text] = spam
messages = list(corpus.items())
word_to_ix = {}
for text, _ in messages:
    for word in text.split():
        if word not in word_to_ix:
            word_to_ix[word] = len(word_to_ix)


def make_bow_matrix(rows):
    m = torch.zeros(len(rows), len(word_to_ix))
    for i, (text, _) in enumerate(rows):
        for word in text.split():
            m[i, word_to_ix[word]] += 1
    return m, torch.tensor([[float(spam)] for _, spam in rows])


X_train, y_train = make_bow_matrix(messages[:1200])
X_test, y_test = make_bow_matrix(messages[1200:])
model = nn.Sequential(
    nn.Linear(len(word_to_ix), 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    # fault:
    nn.Softmax(dim=1),
    # mended:
    # nn.Sigmoid(),
    # end
)
criterion = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=0.003)
for epoch in range(10):
    perm = torch.randperm(len(X_train))
    running = 0.0
    for i in range(0, len(perm), 40):
        idx = perm[i : i + 40]
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        running += loss.item()
    with torch.no_grad():
        acc = ((model(X_test) > 0.5).float() == y_test).float().mean().item()
    print("epoch", epoch, "loss", round(running / 30, 4), "test accuracy", round(acc, 4))
