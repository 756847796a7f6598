# In the manner of the old pytorch/examples word_language_model: one long stream, bptt windows,
# hidden state carried over, tied weights, SGD with lr 4 and clipping at 0.25, annealed on plateau.
import math, random
import torch
import torch.nn as nn

random.seed(1111); torch.manual_seed(1111)
SUBJ = {"s": ["the dog", "a farmer", "my sister", "the clerk"], "p": ["the dogs", "two farmers", "my sisters", "some clerks"]}
VERB = {"s": ["sees", "likes", "paints", "sells"], "p": ["see", "like", "paint", "sell"]}
OBJ = {"sees": "hills", "see": "hills", "likes": "bread", "like": "bread", "paints": "boats", "paint": "boats", "sells": "shoes", "sell": "shoes"}
WHEN = ["today", "on monday", "at night", "in spring"]


def sentence():
    n = random.choice("sp")
    v = random.choice(VERB[n])
    mid = random.choice(["", "often ", "never "])
    return f"{random.choice(SUBJ[n])} {mid}{v} {OBJ[v]} {random.choice(WHEN)} <eos>".split()


def stream(n):
    return [w for _ in range(n) for w in sentence()]


train_words, valid_words = stream(2600), stream(400)
itos = sorted(set(train_words))
stoi = {w: i for i, w in enumerate(itos)}


def batchify(ws, bsz):
    ids = torch.tensor([stoi[w] for w in ws])
    n = len(ids) // bsz
    return ids[:n * bsz].view(bsz, n).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=40):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, ninp)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).flatten(0, 1), hidden


BPTT = 20
train_data, val_data = batchify(train_words, 20), batchify(valid_words, 10)
model = RNNModel(len(itos))
criterion = nn.CrossEntropyLoss()


def repackage(h):
    return tuple(v.detach() for v in h)


def evaluate(data):
    model.eval()
    total, hidden = 0., None
    with torch.no_grad():
        for i in range(0, data.size(0) - 1, BPTT):
            y = data[i + 1:i + 1 + BPTT]
            out, hidden = model(data[i:i + len(y)], hidden)
            total += len(y) * criterion(out, y.flatten()).item()
    return total / (len(data) - 1)


lr, best = 4.0, None
for epoch in range(1, 8):
    model.train()
    hidden, total, steps = None, 0., 0
    for i in range(0, train_data.size(0) - 1, BPTT):
        y = train_data[i + 1:i + 1 + BPTT]
        model.zero_grad()
        if hidden is not None:
            hidden = repackage(hidden)
        out, hidden = model(train_data[i:i + len(y)], hidden)
        loss = criterion(out, y.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        with torch.no_grad():
            for p in model.parameters():
                p.add_(p.grad, alpha=-lr)
        total += loss.item(); steps += 1
    val = evaluate(val_data)
    print(f"| epoch {epoch} | lr {lr:5.2f} | train loss {total / steps:.3f} | valid loss {val:.3f} | valid ppl {math.exp(val):.2f}")
    if best is None or val < best - 0.03:
        best = val
    else:
        lr /= 4.0
counts = torch.bincount(train_data.flatten(), minlength=len(itos)).float()
uni = (counts / counts.sum()).log()
print("unigram ppl %.2f" % math.exp(-uni[val_data].mean().item()))
