"""Sequence tagging one sentence at a time; the losses of a mini-batch are averaged."""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(16)
torch.manual_seed(16)
tag2id = {"O": 0, "QTY": 1, "UNIT": 2, "FOOD": 3}
qty = "1 2 3 half 200 500 some two".split()
unit = "cup spoon g ml pinch can slice".split()
food = "flour sugar salt butter milk beans tomato rice can spoon bread".split()
verbs = "add mix take stir in then pour cook slowly".split()


def step():
    words, tags = [random.choice(verbs)], ["O"]
    for _ in range(random.randint(1, 3)):
        words += [random.choice(qty)]
        tags += ["QTY"]
        if random.random() < 0.7:
            words += [random.choice(unit), "of"]
            tags += ["UNIT", "O"]
        words += [random.choice(food), random.choice(["and", "then"])]
        tags += ["FOOD", "O"]
    return tuple(words[:-1]), tuple(tags[:-1])


data = list(dict(step() for _ in range(600)).items())
vocab = {}
for words, _ in data:
    for w in words:
        vocab.setdefault(w, len(vocab))


class LSTMTagger(nn.Module):
    def __init__(self, embedding_dim, hidden_dim, vocab_size, tagset_size):
        super(LSTMTagger, self).__init__()
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, bidirectional=True)
        self.hidden2tag = nn.Linear(2 * hidden_dim, tagset_size)

    def forward(self, sentence):
        embeds = self.word_embeddings(sentence)
        lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
        return self.hidden2tag(lstm_out.view(len(sentence), -1))


def prepare(seq, to_ix):
    return torch.tensor([to_ix[w] for w in seq], dtype=torch.long)


train, dev = data[:450], data[450:]
model = LSTMTagger(16, 16, len(vocab), len(tag2id))
loss_function = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 9):
        losses = []
        for words, tags in train[i : i + 9]:
            scores = model(prepare(words, vocab))
            losses.append(loss_function(scores, prepare(tags, tag2id)))
        # fault:
        loss = torch.tensor(losses, requires_grad=True).mean()
        # mended:
        # loss = torch.stack(losses).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        hits = [(model(prepare(w, vocab)).argmax(1) == prepare(t, tag2id)) for w, t in dev]
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {torch.cat(hits).float().mean():.4f}")
