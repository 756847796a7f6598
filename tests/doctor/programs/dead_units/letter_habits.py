"""Who wrote it?  Authors told apart by their letter habits: log relative frequencies of letters and pairs, one hidden layer."""
import numpy as np
import torch
import torch.nn as nn

gen = np.random.default_rng(33)
torch.manual_seed(33)
AUTHORS, LETTERS = 6, 26
base = gen.dirichlet(np.full(LETTERS, 2.0))
habits = [np.clip(base * np.exp(0.35 * gen.normal(size=LETTERS)), 1e-4, None) for _ in range(AUTHORS)]
habits = [h / h.sum() for h in habits]


def sample():
    a = int(gen.integers(AUTHORS))
    text = gen.choice(LETTERS, int(gen.integers(80, 200)), p=habits[a])
    letters = np.bincount(text, minlength=LETTERS) + 0.5
    halves = np.bincount(text[:-1] // 5 * 6 + text[1:] // 5, minlength=36) + 0.5
    return np.concatenate([np.log(letters / letters.sum()), np.log(halves / halves.sum())]), a


data = [sample() for _ in range(2400)]
x = torch.tensor(np.stack([f for f, _ in data]), dtype=torch.float32)
y = torch.tensor([a for _, a in data])
x_train, y_train, x_test, y_test = x[:1800], y[:1800], x[1800:], y[1800:]


def build(hidden=64):
    first, last = nn.Linear(x.shape[1], hidden), nn.Linear(hidden, AUTHORS)
    # fault:
    nn.init.uniform_(first.weight)
    # mended:
    # nn.init.xavier_uniform_(first.weight)
    # end
    nn.init.zeros_(first.bias)
    nn.init.xavier_uniform_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(first, nn.ReLU(), last)


net = build()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(30):
    for idx in torch.randperm(len(x_train)).split(40):
        loss = criterion(net(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 6 == 5:
        with torch.no_grad():
            out = net(x_test)
        print(f"epoch {epoch + 1}: test loss {criterion(out, y_test):.3f}, test accuracy {(out.argmax(1) == y_test).float().mean():.3f}, authors guessed {out.argmax(1).unique().tolist()}")
