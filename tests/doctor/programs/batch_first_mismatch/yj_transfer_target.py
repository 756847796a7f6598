# Banking bot: to which account does the money go?  Keras style: fixed length, zeros on the left.
import random
import torch
import torch.nn as nn

random.seed(2); torch.manual_seed(2)
ACCOUNTS = ['savings', 'checking', 'credit', 'joint', 'business']
MAXLEN = 16


def amount():
    return str(random.choice([5, 10, 20, 25, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 900, 1000]))


def make_one():
    a, b = random.sample(range(5), 2)
    src, dst = ACCOUNTS[a], ACCOUNTS[b]
    verb = random.choice(['move', 'transfer', 'send', 'put', 'shift', 'wire'])
    unit = random.choice(['euros', 'dollars', 'pounds', 'bucks'])
    own = random.choice(['my', 'our', 'the'])
    form = random.randrange(4)
    if form == 0: t = f'{verb} {amount()} {unit} from {own} {src} to {own} {dst}'
    elif form == 1: t = f'{verb} {amount()} {unit} to {own} {dst} from {own} {src}'
    elif form == 2: t = f'take {amount()} {unit} out of {src} and {verb} them to {dst}'
    else: t = f'to {own} {dst} {verb} {amount()} {unit} from {src}'
    t = random.choice(['', 'please ', 'hi ', 'can you ']) + t
    t += random.choice(['', ' please', ' today', ' now', ' thanks', ' on friday'])
    return t, b


corpus = {}
while len(corpus) < 3400:
    t, y = make_one()
    corpus[t] = y
texts, y = list(corpus), torch.tensor(list(corpus.values()))
word_index = {}
for t in texts:
    for w in t.split():
        word_index.setdefault(w, len(word_index) + 1)


def texts_to_padded(ts):
    x = torch.zeros(len(ts), MAXLEN, dtype=torch.long)
    for r, t in enumerate(ts):
        ids = [word_index[w] for w in t.split()]
        x[r, MAXLEN - len(ids):] = torch.tensor(ids)
    return x


X = texts_to_padded(texts)
x_train, y_train, x_val, y_val = X[:2800], y[:2800], X[2800:], y[2800:]


class TargetNet(nn.Module):
    def __init__(self):
        super(TargetNet, self).__init__()
        self.embedding = nn.Embedding(len(word_index) + 1, 24, padding_idx=0)
        # fault:
        self.gru = nn.GRU(24, 40)
        # mended:
        # self.gru = nn.GRU(24, 40, batch_first=True)
        # end
        self.dense = nn.Linear(40, 5)

    def forward(self, x):
        x = self.embedding(x)
        x, _ = self.gru(x)
        return self.dense(x[:, -1])


def fit(model, epochs=4, batch_size=50):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=4e-3)
    for epoch in range(epochs):
        if epoch == epochs - 2:
            optimizer.param_groups[0]['lr'] = 5e-4
        model.train()
        perm = torch.randperm(len(x_train))
        running, correct = 0.0, 0
        for b in range(0, len(perm), batch_size):
            idx = perm[b:b + batch_size]
            optimizer.zero_grad()
            out = model(x_train[idx])
            loss = criterion(out, y_train[idx])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(idx)
            correct += (out.argmax(1) == y_train[idx]).sum().item()
        model.eval()
        with torch.no_grad():
            val = torch.cat([model(c) for c in x_val.split(50)])
        print(f'Epoch {epoch + 1}/{epochs} - loss: {running / len(perm):.4f} - acc: {correct / len(perm):.4f}'
              f' - val_loss: {criterion(val, y_val):.4f} - val_acc: {(val.argmax(1) == y_val).float().mean():.4f}')


print(len(x_train), 'train sequences,', len(x_val), 'validation sequences')
fit(TargetNet())
