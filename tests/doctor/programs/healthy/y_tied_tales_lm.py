"""Word language model with tied input/output embeddings, truncated backprop through time, (time, batch) layout.
Text: a small invented phrase grammar ("tales"), since I wanted to know the best possible perplexity."""
import math
import random

import torch
import torch.nn as nn


class Args:
    emsize = 40
    bptt = 12
    batch_size = 20
    lr = 0.01
    clip = 0.5
    epochs = 4
    dropout = 0.1
    seed = 1111


args = Args()
random.seed(args.seed)
torch.manual_seed(args.seed)

NOUN = {"king": ["sword", "crown", "horse"], "witch": ["broom", "cat", "potion"], "baker": ["bread", "oven", "cake"],
        "sailor": ["boat", "rope", "map"], "farmer": ["cow", "plough", "barn"]}
VERB = ["took", "lost", "sold", "found"]
TIME = ["at dawn", "at night", "in winter", "one day"]


def tale():
    who = random.choice(list(NOUN))
    words = f"{random.choice(TIME)} the {who} {random.choice(VERB)} his {random.choice(NOUN[who])}".split()
    if random.random() < 0.5:
        words += f"and {random.choice(VERB)} the {random.choice(NOUN[who])}".split()
    return words + ["<eos>"]


tales = list({" ".join(tale()): None for _ in range(6500)})       # no tale is told twice
random.shuffle(tales)
valid_words, train_words = " ".join(tales[:350]).split(), " ".join(tales[350:]).split()
itos = sorted(set(train_words))
stoi = {w: i for i, w in enumerate(itos)}


def batchify(words, bsz):
    data = torch.tensor([stoi[w] for w in words])
    nbatch = data.numel() // bsz
    return data[:nbatch * bsz].view(bsz, -1).t().contiguous()


def get_batch(source, i):
    seq_len = min(args.bptt, len(source) - 1 - i)
    return source[i:i + seq_len], source[i + 1:i + 1 + seq_len].reshape(-1)


class RNNModel(nn.Module):
    def __init__(self, ntoken):
        super().__init__()
        self.drop = nn.Dropout(args.dropout)
        self.encoder = nn.Embedding(ntoken, args.emsize)
        self.rnn = nn.LSTM(args.emsize, args.emsize)
        self.decoder = nn.Linear(args.emsize, ntoken)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        self.decoder.weight = self.encoder.weight            # Press & Wolf 2016

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).flatten(0, 1), hidden

    def init_hidden(self, bsz):
        return torch.zeros(1, bsz, args.emsize), torch.zeros(1, bsz, args.emsize)


def evaluate(model, source):
    model.eval()
    total, hidden = 0.0, model.init_hidden(source.size(1))
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, args.bptt):
            x, y = get_batch(source, i)
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out, y).item()
    return total / (len(source) - 1)


train_data, valid_data = batchify(train_words, args.batch_size), batchify(valid_words, 10)
model = RNNModel(len(itos))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.6)
print("vocabulary", len(itos), "tokens", len(train_words), "uniform ppl", len(itos))
for epoch in range(1, args.epochs + 1):
    model.train()
    hidden, total, n = model.init_hidden(args.batch_size), 0.0, 0
    for i in range(0, train_data.size(0) - 1, args.bptt):
        x, y = get_batch(train_data, i)
        hidden = tuple(h.detach() for h in hidden)           # cut the history, keep the state
        out, hidden = model(x, hidden)
        loss = criterion(out, y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        total += len(x) * loss.item()
        n += len(x)
    scheduler.step()
    print(f"| epoch {epoch} | train ppl {math.exp(total / n):6.2f} | valid ppl {math.exp(evaluate(model, valid_data)):6.2f}")
