"""Course exercise 4: topic classification of help-desk tickets with a two-layer perceptron on word counts."""
import random
import torch
import torch.nn as nn

random.seed(40)
torch.manual_seed(40)

TOPICS = {
    "printer": ["paper", "toner", "tray", "jam", "ink", "scan"],
    "mail": ["inbox", "outlook", "attachment", "spam", "calendar", "signature"],
    "wifi": ["signal", "router", "hotspot", "roaming", "ssid", "antenna"],
    "account": ["password", "locked", "reset", "pin", "login", "badge"],
    "screen": ["monitor", "flicker", "resolution", "hdmi", "dark", "pixels"],
    "phone": ["headset", "ringtone", "voicemail", "dial", "extension", "sim"],
}
FILLER = "hello please help my it the is not working since today again office again thanks urgent cannot when on".split()
names = list(TOPICS)
vocab = sorted(set(FILLER) | {w for ws in TOPICS.values() for w in ws})
col = {w: i for i, w in enumerate(vocab)}


def ticket():
    y = random.randrange(len(names))
    words = random.sample(TOPICS[names[y]], 2) + random.choices(FILLER, k=random.randint(4, 9))
    if random.random() < 0.5:
        words.append(random.choice(TOPICS[random.choice(names)]))
    return words, y


def make(n):
    X, Y = torch.zeros(n, len(vocab)), torch.empty(n, dtype=torch.long)
    for i in range(n):
        words, Y[i] = ticket()
        for w in words:
            X[i, col[w]] += 1
    return X, Y


class MLP(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc2 = nn.Linear(n_hidden, n_out)
        self.reset()

    def reset(self):
        for layer in (self.fc1, self.fc2):
            # fault:
            nn.init.constant_(layer.weight, 0.1)
            # mended:
            # nn.init.xavier_uniform_(layer.weight)
            # end
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


X_train, y_train = make(2500)
X_test, y_test = make(800)
mlp = MLP(len(vocab), 32, len(names))
optimizer = torch.optim.Adam(mlp.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(1, 9):
    mlp.train()
    losses = []
    for idx in torch.randperm(len(X_train)).split(50):
        optimizer.zero_grad()
        loss = loss_fn(mlp(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    mlp.eval()
    with torch.no_grad():
        tr = (mlp(X_train).argmax(1) == y_train).float().mean()
        te = (mlp(X_test).argmax(1) == y_test).float().mean()
    print(f"Epoch {epoch}/8 - loss: {sum(losses) / len(losses):.4f} - acc: {tr:.4f} - val_acc: {te:.4f}")
