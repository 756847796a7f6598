"""
Intent detection for a bank's chat bot - my first own PyTorch model :)
36 intents = 9 verbs x 4 products (people word them in their own way)
"""
import random
import sys
import time

import torch
import torch.nn as nn
import torch.optim as optim

hparams = {
    "seed": 5,
    "embedding_dim": 24,
    "rnn_units": 24,
    "lr": 4e-3,
    "batch_size": 50,
    "epochs": 6,
    "train_size": 2400,
    "test_size": 600,
}
random.seed(hparams["seed"])
torch.manual_seed(hparams["seed"])

ACTIONS = {
    "open": ["open", "start", "get a new", "apply for", "set up"],
    "close": ["close", "cancel", "get rid of", "terminate", "end"],
    "block": ["block", "freeze", "lock", "suspend", "stop all use of"],
    "limit": ["raise the limit of", "lift the cap on", "change the maximum of", "increase the ceiling of"],
    "fee": ["see the fees of", "know the price of", "know the cost of", "learn what you charge for"],
    "statement": ["print the statement of", "download a report for", "see the history of", "list all bookings of"],
    "share": ["share", "add my wife to", "give a friend access to", "make my son co owner of"],
    "rename": ["rename", "give a nickname to", "change the label of", "call it something else , my"],
    "move": ["move", "transfer", "migrate", "switch to another branch my"],
}
PRODUCTS = {
    "card": ["credit card", "visa", "mastercard", "plastic card", "debit card"],
    "loan": ["loan", "mortgage", "home loan", "car finance", "student credit"],
    "savings": ["savings account", "deposit", "piggy bank", "term deposit"],
    "giro": ["checking account", "current account", "giro account", "salary account"],
}
OPENERS = ["hello", "hi there", "good morning", "hey", "", "", "please help", "quick question"]
WISHES = ["i want to", "i need to", "can i", "how do i", "i would like to", "is it possible to", "my wife wants to", "where can i"]
ENDS = ["", "", "please", "thanks", "today", "as soon as possible", "from my phone", "without visiting you", "next week"]
INTENTS = [a + "_" + p for a in ACTIONS for p in PRODUCTS]


def say(a, p):
    article = random.choice(["my", "the", "a", "this", "our"])
    parts = [random.choice(OPENERS), random.choice(WISHES), random.choice(ACTIONS[a]), article,
             random.choice(PRODUCTS[p]), random.choice(ENDS)]
    return " ".join(" ".join(parts).split())


corpus = {}
while len(corpus) < hparams["train_size"] + hparams["test_size"]:
    a, p = random.choice(list(ACTIONS)), random.choice(list(PRODUCTS))
    corpus[say(a, p)] = INTENTS.index(a + "_" + p)
data = list(corpus.items())
random.shuffle(data)
train_data, test_data = data[hparams["test_size"]:], data[:hparams["test_size"]]
words = sorted({w for s, _ in train_data for w in s.split()})
w2i = {w: i + 2 for i, w in enumerate(words)}
print("intents", len(INTENTS), "train", len(train_data), "test", len(test_data), "words", len(w2i))


class IntentRNN(nn.Module):
    def __init__(self, n_words, n_intents):
        super(IntentRNN, self).__init__()
        self.embedding = nn.Embedding(n_words, hparams["embedding_dim"], padding_idx=0)
        self.gru = nn.GRU(hparams["embedding_dim"], hparams["rnn_units"], batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hparams["rnn_units"], n_intents)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        h = torch.cat([h[0], h[1]], dim=1)
        # fault:
        return self.softmax(self.fc(h))
        # mended:
        #return self.fc(h)
        # end


def get_batch(rows):
    ids = [[w2i.get(w, 1) for w in s.split()] for s, _ in rows]
    lengths = torch.tensor([len(i) for i in ids])
    x = torch.zeros(len(ids), int(lengths.max()), dtype=torch.long)
    for n, i in enumerate(ids):
        x[n, :len(i)] = torch.tensor(i)
    return x, lengths, torch.tensor([y for _, y in rows])


def test(model, rows):
    model.eval()
    correct = 0
    with torch.no_grad():
        for i in range(0, len(rows), 200):
            x, l, y = get_batch(rows[i:i + 200])
            correct += (model(x, l).argmax(1) == y).sum().item()
    return 100.0 * correct / len(rows)


model = IntentRNN(len(w2i) + 2, len(INTENTS))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=hparams["lr"])
for epoch in range(hparams["epochs"]):
    t = time.time()
    model.train()
    random.shuffle(train_data)
    train_loss = 0
    for i in range(0, len(train_data), hparams["batch_size"]):
        x, l, y = get_batch(train_data[i:i + hparams["batch_size"]])
        optimizer.zero_grad()
        loss = criterion(model(x, l), y)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * len(y)
    print("Epoch %d: loss %.4f, train acc %.2f%%, test acc %.2f%%, %.1f s" % (
        epoch + 1, train_loss / len(train_data), test(model, train_data), test(model, test_data), time.time() - t))
    sys.stdout.flush()
print("Accuracy on the test questions: %.2f%%" % test(model, test_data))
