# Question type classification with an LSTM
import random

import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(1)
random.seed(1)

patterns = {
    "person": ["who {v} the {n}", "which {p} {v} the {n}", "name the {p} that {v} the {n}", "what {p} {v} the {a} {n}"],
    "place": ["where is the {n}", "in which {l} was the {n} {v}", "what {l} has the {a} {n}", "which {l} {v} the {n}"],
    "date": ["when was the {n} {v}", "in which {t} was the {n} {v}", "what {t} did the {p} {v} the {n}", "which {t} was the {a} {n} {v}"],
    "count": ["how many {p}s {v} the {n}", "how many {l}s have a {n}", "what number of {p}s {v} the {a} {n}"],
    "size": ["how {d} is the {n}", "how {d} was the {a} {n}", "what is the {m} of the {n}", "what {m} has the {a} {n}"],
    "reason": ["why was the {n} {v}", "why did the {p} {v} the {n}", "for what reason was the {a} {n} {v}"],
    "manner": ["how did the {p} {v} the {n}", "how was the {n} {v}", "how do you {v} a {a} {n}", "in what way was the {n} {v}"],
    "definition": ["what is a {n}", "what is a {a} {n}", "what does {n} mean", "define {n}", "what are {n}s"],
}
fill = {
    "v": "built discovered opened painted sold invented founded closed renamed moved".split(),
    "n": "bridge tower telescope museum engine violin harbour stadium library tunnel canal palace airport radio clock".split(),
    "p": "king engineer painter doctor sailor president singer pilot".split(),
    "l": "city country state town continent village".split(),
    "t": "year month century decade week".split(),
    "a": "oldest famous first largest new wooden last".split(),
    "d": "tall long heavy deep big wide".split(),
    "m": "height length weight depth size width".split(),
}
labels = sorted(patterns)


def make_question():
    label = random.choice(labels)
    text = random.choice(patterns[label])
    return text.format(**{k: random.choice(v) for k, v in fill.items()}), labels.index(label)


data = sorted({make_question() for _ in range(6000)})
random.shuffle(data)
train_data, test_data = data[:1800], data[1800:2200]
word2idx = {"<pad>": 0, "<unk>": 1}
for q, _ in train_data:
    for w in q.split():
        word2idx.setdefault(w, len(word2idx))


class QuestionDataset(Dataset):
    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, idx):
        q, y = self.data[idx]
        return torch.tensor([word2idx.get(w, 1) for w in q.split()]), y


def collate_fn(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class LSTMClassifier(nn.Module):
    def __init__(self, vocab_size, embedding_dim=32, hidden_dim=48, output_dim=8):
        super(LSTMClassifier, self).__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=0)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, text, lengths):
        packed = pack_padded_sequence(self.embedding(text), lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.lstm(packed)
        out = self.fc(hidden[-1])
        # fault:
        return self.softmax(out)
        # mended:
        # return out
        # end


model = LSTMClassifier(len(word2idx))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
train_loader = DataLoader(QuestionDataset(train_data), batch_size=32, shuffle=True, collate_fn=collate_fn)
test_loader = DataLoader(QuestionDataset(test_data), batch_size=100, collate_fn=collate_fn)

for epoch in range(6):
    model.train()
    running_loss = 0.0
    for text, lengths, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(text, lengths), y)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    model.eval()
    correct = 0
    with torch.no_grad():
        for text, lengths, y in test_loader:
            correct += (model(text, lengths).argmax(1) == y).sum().item()
    print("Epoch %d loss %.4f test accuracy %.4f" % (epoch + 1, running_loss / len(train_loader), correct / len(test_data)))
