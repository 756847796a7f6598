# word_language_model, shortened: one long token stream cut into columns (T, B), state carried over, tied weights.
# The stream comes from a small grammar whose entropy we can write down, so we know where perplexity should end.
import math
import random
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)
NOUNS = {"s": ["dog", "cat", "girl", "boat"], "p": ["dogs", "cats", "girls", "boats"]}
VERBS = {"s": ["sees", "likes", "finds", "has"], "p": ["see", "like", "find", "have"]}
DET = {"s": ["this", "a"], "p": ["these", "many"]}


def noun_phrase(num):
    words, nats = [random.choice(DET[num])], math.log(2)
    nats += math.log(2)                                  # adjective or not
    if random.random() < 0.5:
        words.append(random.choice(["red", "old", "small"]))
        nats += math.log(3)
    words.append(random.choice(NOUNS[num]))
    return words, nats + math.log(4)


def sentence():
    a, b = random.choice("sp"), random.choice("sp")
    subj, n1 = noun_phrase(a)
    obj, n2 = noun_phrase(b)
    return subj + [random.choice(VERBS[a])] + obj + ["."], n1 + n2 + 2 * math.log(2) + math.log(4)


def stream(n):
    toks, nats = [], 0.0
    while len(toks) < n:
        s, e = sentence()
        toks += s
        nats += e
    return toks, math.exp(nats / len(toks))


train_words, _ = stream(26000)
valid_words, floor = stream(4000)
w2i = {w: i for i, w in enumerate(sorted(set(train_words)))}


def batchify(words, bsz):
    data = torch.tensor([w2i[w] for w in words])
    n = len(data) // bsz
    return data[:n * bsz].view(bsz, n).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self, ntoken, nhid):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.encoder(x), hidden)
        return self.decoder(out), hidden


def chunks(source, bptt):
    for i in range(0, source.size(0) - 1, bptt):
        n = min(bptt, source.size(0) - 1 - i)
        yield source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)


def evaluate(model, source):
    model.eval()
    hidden, total, count = None, 0.0, 0
    with torch.no_grad():
        for x, y in chunks(source, 20):
            out, hidden = model(x, hidden)
            total += criterion(out.flatten(0, 1), y).item() * len(y)
            count += len(y)
    return math.exp(total / count)


train_data, valid_data = batchify(train_words, 20), batchify(valid_words, 10)
model = RNNModel(len(w2i), 40)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.6)
print(f"vocabulary {len(w2i)}, perplexity of the grammar itself {floor:.3f}")
for epoch in range(5):
    model.train()
    hidden = None
    for x, y in chunks(train_data, 20):
        if hidden is not None:
            hidden = tuple(h.detach() for h in hidden)
        optimizer.zero_grad()
        out, hidden = model(x, hidden)
        loss = criterion(out.flatten(0, 1), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
    scheduler.step()
    print(f"| epoch {epoch} | train ppl {evaluate(model, train_data):.3f} | valid ppl {evaluate(model, valid_data):.3f}")
