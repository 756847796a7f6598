# Multi-label tagging of support tickets (any number of the 5 tags may be on)
import math
import random
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score

RS = 42
random.seed(RS); np.random.seed(RS); torch.manual_seed(RS)

TAGS = {
    'billing': ['invoice', 'charged', 'refund', 'card', 'payment', 'twice'],
    'login': ['password', 'login', 'locked', 'reset', 'account', 'code'],
    'crash': ['crash', 'freezes', 'error', 'restart', 'screen', 'bug'],
    'delivery': ['parcel', 'late', 'courier', 'tracking', 'address', 'lost'],
    'angry': ['ridiculous', 'unacceptable', 'lawyer', 'never', 'worst', 'angry'],
}
GLUE = 'hello my the is was again please help since yesterday i you we it and but when order number thanks team support'.split()
names = list(TAGS)


def ticket():
    on = [t for t in names if random.random() < 0.35]
    words = random.choices(GLUE, k=random.randint(6, 15))
    for t in on:
        words += random.sample(TAGS[t], random.randint(1, 3))
    if random.random() < 0.2:                      # a stray word of another topic
        words.append(random.choice(TAGS[random.choice(names)]))
    random.shuffle(words)
    return ' '.join(words), [float(t in on) for t in names]


texts, targets = zip(*[ticket() for _ in range(3000)])
targets = np.array(targets, dtype=np.float32)
cv = CountVectorizer(binary=True)
X_train = torch.tensor(cv.fit_transform(texts[:2400]).toarray(), dtype=torch.float32)
X_valid = torch.tensor(cv.transform(texts[2400:]).toarray(), dtype=torch.float32)
y_train, y_valid = torch.from_numpy(targets[:2400]), torch.from_numpy(targets[2400:])


class TagNet(nn.Module):
    def __init__(self, n_in, n_out):
        super(TagNet, self).__init__()
        self.dense = nn.Linear(n_in, 64)
        self.bn = nn.BatchNorm1d(64)
        self.drop = nn.Dropout(0.1)
        self.tags = nn.Linear(64, n_out)

    def forward(self, x):
        x = self.drop(torch.relu(self.bn(self.dense(x))))
        # fault:
        return torch.sigmoid(self.tags(x))
        # mended:
        # return self.tags(x)
        # end


model = TagNet(X_train.shape[1], len(names))
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.Adam(model.parameters(), lr=5e-3)
N_EPOCHS, BATCH = 5, 48

for epoch in range(N_EPOCHS):
    model.train()
    perm = np.random.permutation(len(X_train))
    avg_loss = 0.
    n_batches = math.ceil(len(perm) / BATCH)
    for b in range(n_batches):
        idx = perm[b * BATCH:(b + 1) * BATCH]
        y_pred = model(X_train[idx])
        loss = criterion(y_pred, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        avg_loss += loss.item() / n_batches

    model.eval()
    with torch.no_grad():
        val_out = model(X_valid)
        val_loss = criterion(val_out, y_valid).item()
        probs = torch.sigmoid(val_out).numpy()
    micro = f1_score(targets[2400:], probs > 0.5, average='micro')
    exact = ((probs > 0.5) == targets[2400:]).all(1).mean()
    print('Epoch {}/{} \t loss={:.4f} \t val_loss={:.4f} \t micro-F1={:.4f} \t exact={:.4f}'.format(
        epoch + 1, N_EPOCHS, avg_loss, val_loss, micro, exact))
print('tags on in the validation set: %.3f, predicted: %.3f' % (targets[2400:].mean(), (probs > 0.5).mean()))
