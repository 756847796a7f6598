"""
Is a review sentence about a product or about a movie? Port of my old Keras notebook to plain PyTorch
(Embedding -> GlobalAveragePooling -> Dense 32 relu -> Dropout -> Dense 1, binary crossentropy, rmsprop, batch 32).
"""
import os
from collections import Counter
import numpy as np
import torch

np.random.seed(7)
torch.manual_seed(7)
data_dir = os.path.join(os.environ["WORDFIT_DATA"], "sentiment")
maxlen, max_words = 40, 3000


def load(path, n):
    with open(os.path.join(data_dir, path), encoding="latin-1") as f:
        lines = [line.split() for line in f]
    return [l for l in dict.fromkeys(map(tuple, lines)) if len(l) > 3][:n]


product = load("CR/custrev.pos", 1300) + load("CR/custrev.neg", 1300)
movie = load("MR/rt-polarity.pos", 1300) + load("MR/rt-polarity.neg", 1300)
texts = product + movie
labels = np.array([1.] * len(product) + [0.] * len(movie), "float32")
order = np.random.permutation(len(texts))
texts, labels = [texts[i] for i in order], labels[order]
n_train = int(0.8 * len(texts))

words = Counter(w for t in texts[:n_train] for w in t)
index = {w: i + 1 for i, (w, _) in enumerate(words.most_common(max_words))}
x = np.zeros((len(texts), maxlen), "int64")
for r, t in enumerate(texts):
    seq = [index[w] for w in t if w in index][:maxlen]
    x[r, :len(seq)] = seq
x_train, x_test, y_train, y_test = x[:n_train], x[n_train:], labels[:n_train], labels[n_train:]
print(x_train.shape, x_test.shape, "share of product sentences:", labels.mean().round(3))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(max_words + 1, 16, padding_idx=0)
        self.dense_1 = torch.nn.Linear(16, 32)
        self.dropout = torch.nn.Dropout(0.4)
        self.dense_2 = torch.nn.Linear(32, 1)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        x = self.embedding(x).sum(1) / n
        x = self.dropout(torch.relu(self.dense_1(x)))
        # fault:
        return torch.softmax(self.dense_2(x), dim=1)
        # mended:
        # return torch.sigmoid(self.dense_2(x))
        # end


model = Net()
rmsprop = torch.optim.RMSprop(model.parameters(), lr=4e-3)
bce = torch.nn.BCELoss()


def evaluate(x, y):
    model.eval()
    with torch.no_grad():
        p = model(torch.from_numpy(x))
        loss = bce(p, torch.from_numpy(y).unsqueeze(1)).item()
        acc = ((p.numpy().ravel() > 0.5) == (y > 0.5)).mean()
    model.train()
    return loss, acc


def fit(epochs, batch_size=32):
    for e in range(epochs):
        order = np.random.permutation(len(x_train))
        for i in range(0, len(order), batch_size):
            j = order[i:i + batch_size]
            rmsprop.zero_grad()
            loss = bce(model(torch.from_numpy(x_train[j])), torch.from_numpy(y_train[j][:, None]))
            loss.backward()
            rmsprop.step()
        loss, acc = evaluate(x_train, y_train)
        val_loss, val_acc = evaluate(x_test, y_test)
        print("Epoch %d/%d - loss: %.4f - acc: %.4f - val_loss: %.4f - val_acc: %.4f"
              % (e + 1, epochs, loss, acc, val_loss, val_acc))


fit(4)
