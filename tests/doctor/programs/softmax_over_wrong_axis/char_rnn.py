"""Character language model (GRU) on lines of recipes."""
import random

import torch
import torch.nn as nn

random.seed(99)
torch.manual_seed(99)
verbs = "chop slice boil fry bake mix stir whisk grate peel".split()
things = "onions carrots butter flour sugar eggs cream apples garlic pasta".split()
ends = ["for ten minutes", "in a bowl", "with salt", "until golden", "in hot water", "and set aside"]
lines = [f"{v} the {t} {e}." for v in verbs for t in things for e in ends]
random.shuffle(lines)
chars = sorted(set("".join(lines)) | {"\n"})
stoi = {c: i for i, c in enumerate(chars)}


def chunks(part, length=32):
    ids = torch.tensor([stoi[c] for c in "\n".join(part)])
    n = (len(ids) - 1) // length
    return ids[: n * length].view(n, length), ids[1 : n * length + 1].view(n, length)


x_train, y_train = chunks(lines[:450])
x_val, y_val = chunks(lines[450:])


class CharRNN(nn.Module):
    def __init__(self, n_chars, hidden=96):
        super().__init__()
        self.encoder = nn.Embedding(n_chars, 32)
        self.rnn = nn.GRU(32, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, n_chars)
        # fault:
        self.softmax = nn.LogSoftmax(dim=1)
        # mended:
        # self.softmax = nn.LogSoftmax(dim=2)
        # end

    def forward(self, x):
        out, _ = self.rnn(self.encoder(x))
        return self.softmax(self.decoder(out))


model = CharRNN(len(chars))
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(10):
    order = torch.randperm(len(x_train))
    total = 0.0
    for idx in order.split(16):
        optimizer.zero_grad()
        log_probs = model(x_train[idx])
        loss = criterion(log_probs.reshape(-1, len(chars)), y_train[idx].reshape(-1))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        log_probs = model(x_val)
        val = criterion(log_probs.reshape(-1, len(chars)), y_val.reshape(-1)).item()
        acc = (log_probs.argmax(2) == y_val).float().mean().item()
    print(f"epoch {epoch} train loss {total / len(x_train):.4f} val loss {val:.4f} next-character accuracy {acc:.4f}")
