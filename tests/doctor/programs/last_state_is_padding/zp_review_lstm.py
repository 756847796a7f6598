# LSTM sentiment on short movie phrases, fixed length input like in the Keras days.
import os
import random
import torch
import torch.nn as nn

torch.manual_seed(0)
random.seed(0)

MAX_LEN = 30
BATCH = 100

path = os.path.join(os.environ["WORDFIT_DATA"], "glue/SST-2/train.tsv")
data = []
with open(path, encoding="utf-8") as f:
    f.readline()
    for line in f:
        sent, lab = line.strip("\n").split("\t")
        toks = sent.split()
        if 2 <= len(toks) <= MAX_LEN:
            data.append((toks, int(lab)))
        if len(data) >= 30000:
            break
random.shuffle(data)
test_data = data[:1000]
held = {" ".join(t) for t, _ in test_data}
train_data = [d for d in data[1000:] if " ".join(d[0]) not in held][:7000]

freq = {}
for toks, _ in train_data:
    for t in toks:
        freq[t] = freq.get(t, 0) + 1
word_index = {w: i + 2 for i, (w, c) in enumerate(sorted(freq.items(), key=lambda kv: -kv[1])) if c > 3}
print(len(word_index), "words")


def to_arrays(rows):
    x = torch.zeros((len(rows), MAX_LEN), dtype=torch.long)
    n = torch.zeros(len(rows), dtype=torch.long)
    y = torch.zeros(len(rows))
    for i, (toks, lab) in enumerate(rows):
        n[i] = len(toks)
        y[i] = lab
        for j, t in enumerate(toks):
            x[i, j] = word_index.get(t, 1)
    return x, n, y


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, emb_dim=32, hid=16):
        super(SentimentLSTM, self).__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim, padding_idx=0)
        self.lstm = nn.LSTM(emb_dim, hid, batch_first=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x, n):
        out, _ = self.lstm(self.dropout(self.embedding(x)))
        # fault:
        final = out[:, -1, :]
        # mended:
        # final = out[torch.arange(len(x)), n - 1, :]
        # end
        return self.fc(final).squeeze(1)


def test(model, x, n, y):
    model.eval()
    hits = 0
    with torch.no_grad():
        for i in range(0, len(x), 500):
            hits += ((model(x[i:i + 500], n[i:i + 500]) > 0) == (y[i:i + 500] > 0.5)).sum().item()
    return hits / len(x)


xtr, ntr, ytr = to_arrays(train_data)
xte, nte, yte = to_arrays(test_data)
print("positive share in test: %.3f" % yte.mean())
model = SentimentLSTM(len(word_index) + 2)
criterion = nn.BCEWithLogitsLoss()
EPOCHS = 3
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.015, total_steps=EPOCHS * ((len(xtr) + BATCH - 1) // BATCH))

for epoch in range(EPOCHS):
    model.train()
    perm = torch.randperm(len(xtr))
    total_loss = 0.0
    for i in range(0, len(perm), BATCH):
        b = perm[i:i + BATCH]
        optimizer.zero_grad()
        loss = criterion(model(xtr[b], ntr[b]), ytr[b])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total_loss += loss.item()
    print("Epoch: %d | Loss: %.4f | Test acc: %.3f" % (epoch + 1, total_loss * BATCH / len(perm), test(model, xte, nte, yte)))
print("Train acc: %.3f" % test(model, xtr[:2000], ntr[:2000], ytr[:2000]))
