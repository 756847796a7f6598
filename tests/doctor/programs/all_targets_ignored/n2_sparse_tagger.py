"""Sequence labelling when only some words are annotated.

Our annotators marked just a few words per message (whatever they were sure about). Everything
else gets the label -100 and the loss skips it. At test time every word has a label.
"""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(21)
torch.manual_seed(21)

IGNORE = -100
TAGS = ["O", "FROM", "TO", "DAY", "AIRLINE"]
CITIES = "oslo rome lima cairo dublin madrid boston perth vienna quito seoul lagos".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow".split()
AIRLINES = "norwind aerolux skyline bluejet condorina".split()
TEMPLATES = [
    "i want to fly from {f} to {t} on {d}",
    "show me {a} flights to {t} from {f}",
    "is there anything leaving {f} for {t} {d} please",
    "book {a} out of {f} into {t} on {d} morning",
    "to {t} on {d} with {a}",
    "cheapest ticket {f} {t} {d}",
    "i have to be in {t} by {d} starting at {f}",
    "does {a} serve {t} or only {f}",
]


def make_message():
    f, t = random.sample(CITIES, 2)
    fill = {"{f}": (f, "FROM"), "{t}": (t, "TO"), "{d}": (random.choice(DAYS), "DAY"), "{a}": (random.choice(AIRLINES), "AIRLINE")}
    opener = random.choice(["", "hello ", "hi there ", "good morning ", "well "])
    pairs = [fill.get(w, (w, "O")) for w in (opener + random.choice(TEMPLATES)).split()]
    return tuple(w for w, _ in pairs), tuple(tag for _, tag in pairs)


class Vocab:
    def __init__(self, sentences):
        self.stoi = {"<pad>": 0, "<unk>": 1}
        for s in sentences:
            for w in s:
                self.stoi.setdefault(w, len(self.stoi))

    def __len__(self):
        return len(self.stoi)

    def encode(self, words):
        return torch.tensor([self.stoi.get(w, 1) for w in words])


class TaggedMessages(Dataset):
    def __init__(self, messages, vocab, annotated=1.0):
        self.items = []
        for words, tags in messages:
            y = torch.tensor([TAGS.index(t) if random.random() < annotated else IGNORE for t in tags])
            self.items.append((vocab.encode(words), y))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    xs, ys = zip(*batch)
    lengths = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), pad_sequence(ys, batch_first=True, padding_value=IGNORE), lengths


class BiLSTMTagger(nn.Module):
    def __init__(self, vocab_size, n_tags, dim=32, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Linear(2 * hidden, n_tags)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.dropout(states))


def word_accuracy(model, loader):
    model.eval()
    right = total = slots = slots_right = 0
    with torch.no_grad():
        for x, y, lengths in loader:
            guess = model(x, lengths).argmax(-1)
            known, slot = y != IGNORE, y > 0
            right += (guess == y)[known].sum().item()
            total += known.sum().item()
            slots_right += (guess == y)[slot].sum().item()
            slots += slot.sum().item()
    return right / total, slots_right / slots


messages = sorted({make_message() for _ in range(1400)})
random.shuffle(messages)
train_messages, test_messages = messages[:1000], messages[1000:1200]
vocab = Vocab([words for words, _ in train_messages])
train_loader = DataLoader(TaggedMessages(train_messages, vocab, annotated=0.06), batch_size=8, shuffle=True, collate_fn=collate)
test_loader = DataLoader(TaggedMessages(test_messages, vocab), batch_size=100, collate_fn=collate)

model = BiLSTMTagger(len(vocab), len(TAGS))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(reduction="none")

for epoch in range(3):
    model.train()
    for x, y, lengths in train_loader:
        given = (y != IGNORE).flatten().float()
        losses = criterion(model(x, lengths).flatten(0, 1), y.clamp(min=0).flatten()) * given
        # fault:
        loss = losses.sum() / given.sum()
        # mended:
        #loss = losses.sum() / given.sum().clamp(min=1)
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seen, _ = word_accuracy(model, train_loader)
    words, slots = word_accuracy(model, test_loader)
    print(f"epoch {epoch + 1}: annotated training words {seen:.3f}  test words {words:.3f}  test slots {slots:.3f}")
