"""Word-level language model, after pytorch/examples word_language_model (tied weights, BPTT with carried state)."""
import math, random
import torch, torch.nn as nn

torch.manual_seed(1111); random.seed(1111)
ADJ = "old young quiet tall happy tired clever shy busy polite rich brave".split()
NOUN = "sailor teacher baker guard doctor farmer pilot singer nurse judge clerk miner".split()
KIND = "small large new broken cheap heavy green strange".split()
VERB = {"reads": "letter novel map", "cooks": "soup fish stew", "repairs": "engine bike roof", "paints": "portrait fence boat"}
WHEN = "today|after lunch|every sunday|before dinner|at noon|again|in spring|alone".split("|")
seen = set()


def sentence():
    while True:
        v = random.choice(list(VERB))
        s = (f"the {random.choice(ADJ)} {random.choice(NOUN)} {v} the {random.choice(KIND)} "
             f"{random.choice(VERB[v].split())} {random.choice(WHEN)} <eos>")
        if s not in seen:       # every sentence occurs in one split only
            seen.add(s)
            return s.split()


def stream(n):
    return [w for _ in range(n) for w in sentence()]


train_tok, valid_tok, test_tok = stream(2200), stream(300), stream(300)
itos = sorted(set(train_tok)); stoi = {w: i for i, w in enumerate(itos)}


def batchify(tokens, bsz):
    data = torch.tensor([stoi[w] for w in tokens])
    nbatch = data.size(0) // bsz
    return data[:nbatch * bsz].view(bsz, -1).t().contiguous()


bptt = 20
train_data, val_data, test_data = batchify(train_tok, 16), batchify(valid_tok, 10), batchify(test_tok, 10)


class RNNModel(nn.Module):
    def __init__(self, ntoken, nhid, dropout=0.1):
        super().__init__()
        self.nhid = nhid
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, inp, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(inp)), hidden)
        return self.decoder(self.drop(out)).view(-1, self.decoder.out_features), hidden

    def init_hidden(self, bsz):
        w = next(self.parameters())
        return w.new_zeros(1, bsz, self.nhid), w.new_zeros(1, bsz, self.nhid)


def repackage_hidden(h):
    return tuple(t.detach() for t in h)


def get_batch(source, i):
    n = min(bptt, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)


model = RNNModel(len(itos), 64)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-2)


def evaluate(source):
    model.eval()
    total, hidden = 0., model.init_hidden(source.size(1))
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, bptt):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            total += len(data) * criterion(output, targets).item()
    return total / (len(source) - 1)


for epoch in range(1, 9):
    model.train()
    hidden, total, k = model.init_hidden(16), 0., 0
    for i in range(0, train_data.size(0) - 1, bptt):
        data, targets = get_batch(train_data, i)
        hidden = repackage_hidden(hidden)
        optimizer.zero_grad()
        output, hidden = model(data, hidden)
        loss = criterion(output, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        total += loss.item(); k += 1
    if epoch == 6:
        for g in optimizer.param_groups:
            g["lr"] /= 4
    print(f"| epoch {epoch} | train loss {total / k:.3f} | valid loss {(v := evaluate(val_data)):.3f} | valid ppl {math.exp(v):.3f}")
t = evaluate(test_data)
entropy = math.log(12 * 12 * 4 * 8 * 3 * 8) / (len(train_tok) / 2200)
print(f"| test loss {t:.3f} | test ppl {math.exp(t):.3f} | best possible ppl {math.exp(entropy):.3f}")
