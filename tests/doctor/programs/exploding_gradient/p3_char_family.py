# -*- coding: utf-8 -*-
# Exported from Colab. DNA-like reads -> which family? Own RNN "from scratch" as in the names tutorial, but batched.
import random, torch
import torch.nn as nn
import torch.optim as optim

random.seed(1234)
torch.manual_seed(1234)
all_letters = "ACGT"
n_letters = len(all_letters)
motifs = {"kinase": ["GATTACA", "CCGTAAG"], "globin": ["TTGACCA", "AGGCTCA"], "histone": ["CATGCAT", "GTCCGTA"]}
all_categories = list(motifs)
READ = 56

def randomRead():
    cat = random.choice(all_categories)
    s = [random.choice(all_letters) for _ in range(READ)]
    for _ in range(4):
        m = random.choice(motifs[cat])
        p = random.randrange(READ - len(m))
        s[p:p + len(m)] = list(m)
    return "".join(s), all_categories.index(cat)

def kmers(s, k=3):
    out = []
    for i in range(0, len(s) - k + 1):
        v = 0
        for ch in s[i:i + k]:
            v = v * n_letters + all_letters.index(ch)
        out.append(v)
    return out

data = [randomRead() for _ in range(1800)]
X = torch.tensor([kmers(s) for s, _ in data])
Y = torch.tensor([c for _, c in data])
Xtrain, Ytrain, Xtest, Ytest = X[:1500], Y[:1500], X[1500:], Y[1500:]

class RNN(nn.Module):
    def __init__(self, n_tokens, emb_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.emb = nn.Embedding(n_tokens, emb_size)
        self.i2h = nn.Linear(emb_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        nn.init.orthogonal_(self.h2h.weight)
        self.h2o = nn.Linear(hidden_size, output_size)

    def forward(self, input):
        hidden = torch.zeros(input.size(0), self.hidden_size)
        total = 0
        for t in range(input.size(1)):
            # fault:
            hidden = self.i2h(self.emb(input[:, t])) + self.h2h(hidden)
            # mended:
            #hidden = torch.tanh(self.i2h(self.emb(input[:, t])) + self.h2h(hidden))
            # end
            total = total + hidden
        return self.h2o(total / input.size(1))

rnn = RNN(n_letters ** 3, 16, 48, len(all_categories))
optimizer = optim.SGD(rnn.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()

def accuracy(x, y):
    rnn.eval()
    with torch.no_grad():
        return (rnn(x).argmax(1) == y).float().mean().item()

n_epochs = 4
for epoch in range(1, n_epochs + 1):
    rnn.train()
    perm = torch.randperm(len(Xtrain))
    current_loss = 0
    for i in range(0, len(perm), 25):
        idx = perm[i:i + 25]
        optimizer.zero_grad()
        loss = criterion(rnn(Xtrain[idx]), Ytrain[idx])
        loss.backward()
        optimizer.step()
        current_loss += loss.item() / 60
    print("epoch", epoch, "loss %.4f" % current_loss, "test acc %.3f" % accuracy(Xtest, Ytest))

print("train accuracy %.3f, test accuracy %.3f" % (accuracy(Xtrain, Ytrain), accuracy(Xtest, Ytest)))
