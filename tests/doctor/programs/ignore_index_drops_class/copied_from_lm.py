"""News desk: which of four sections does a Reuters-like brief go to? Training loop taken over from a language model."""
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.optim as optim

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)
sections = {
    "world": "minister treaty border summit envoy embassy".split(),
    "markets": "shares bond yield index dollar profit".split(),
    "sport": "match coach league goal medal season".split(),
    "science": "study planet gene lab vaccine telescope".split(),
}
glue = "the a in on after of for said with two new over may will".split()
names = list(sections)


def brief():
    k = random.randrange(4)
    t = random.choices(glue, k=random.randint(5, 10))
    for w in random.sample(sections[names[k]], 2):
        t.insert(random.randrange(len(t)), w)
    return t, k


counter = Counter()
examples = [brief() for _ in range(1400)]
for t, _ in examples:
    counter.update(t)
itos = ["<unk>", "<pad>"] + [w for w, _ in counter.most_common()]
stoi = {w: i for i, w in enumerate(itos)}
PAD_IDX = stoi["<pad>"]


def iterate(data, size):
    for i in range(0, len(data), size):
        part = data[i:i + size]
        x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in part], padding_value=PAD_IDX)
        yield x, torch.tensor([len(t) for t, _ in part]), torch.tensor([k for _, k in part])


class RNN(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim, output_dim):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD_IDX)
        self.rnn = nn.GRU(embedding_dim, hidden_dim, bidirectional=True)
        self.fc = nn.Linear(hidden_dim * 2, output_dim)
        self.dropout = nn.Dropout(0.2)

    def forward(self, text, lengths):
        embedded = self.dropout(self.embedding(text))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, enforce_sorted=False)
        _, hidden = self.rnn(packed)
        return self.fc(self.dropout(torch.cat((hidden[0], hidden[1]), dim=1)))


train_data, valid_data = examples[:1000], examples[1000:]
model = RNN(len(itos), 32, 32, 4)
optimizer = optim.Adam(model.parameters(), lr=4e-3)
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=PAD_IDX)
# mended:
# criterion = nn.CrossEntropyLoss()
# end
for epoch in range(4):
    model.train()
    random.shuffle(train_data)
    for x, n, y in iterate(train_data, 40):
        optimizer.zero_grad()
        loss = criterion(model(x, n), y)
        loss.backward()
        optimizer.step()
    model.eval()
    hits = Counter()
    with torch.no_grad():
        for x, n, y in iterate(valid_data, 100):
            p = model(x, n).argmax(1)
            for a, b in zip(p.tolist(), y.tolist()):
                hits[names[b]] += a == b
    sizes = Counter(names[k] for _, k in valid_data)
    print(f"epoch {epoch}", "loss %.3f" % loss.item(), {s: round(hits[s] / sizes[s], 3) for s in names})
