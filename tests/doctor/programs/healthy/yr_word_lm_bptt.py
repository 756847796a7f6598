# Word language model, cut down from the old pytorch/examples script (LSTM, truncated BPTT, state carried over,
# lr divided by 4 when validation does not improve). The corpus is written by a small weather reporter.
import math, random
import torch
import torch.nn as nn

random.seed(1111); torch.manual_seed(1111)
days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
skies = {"sunny": ["warm", "hot"], "cloudy": ["mild", "cool"], "rainy": ["cool", "cold"], "snowy": ["cold", "freezing"]}


def sentence():
    sky = random.choice(list(skies))
    s = ["on", random.choice(days), "it", "is", sky, "and", random.choice(skies[sky])]
    if random.random() < 0.5:
        s += ["in", "the", random.choice(["north", "south", "east", "west"])]
    return s + ["<eos>"]


H = math.log(5) + math.log(4) + math.log(2) + 0.5 * math.log(4) + math.log(2)      # nats per sentence
MEAN_LEN = 8 + 1.5
corpus = {k: [w for _ in range(n) for w in sentence()] for k, n in [("train", 4000), ("valid", 500), ("test", 500)]}
dictionary = {w: i for i, w in enumerate(sorted(set(corpus["train"])))}
ntokens, bptt = len(dictionary), 20


def batchify(words, bsz):
    data = torch.tensor([dictionary[w] for w in words])
    nbatch = data.size(0) // bsz
    return data[:nbatch * bsz].view(bsz, -1).t().contiguous()


train_data, val_data, test_data = batchify(corpus["train"], 20), batchify(corpus["valid"], 10), batchify(corpus["test"], 10)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.nhid = nhid
        self.encoder.weight.data.uniform_(-0.1, 0.1)
        self.decoder.bias.data.zero_()
        self.decoder.weight.data.uniform_(-0.1, 0.1)

    def forward(self, input, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        return self.decoder(self.drop(output)).view(-1, ntokens), hidden

    def init_hidden(self, bsz):
        w = next(self.parameters())
        return w.new_zeros(1, bsz, self.nhid), w.new_zeros(1, bsz, self.nhid)


def repackage_hidden(h):
    return h.detach() if isinstance(h, torch.Tensor) else tuple(repackage_hidden(v) for v in h)


def get_batch(source, i):
    n = min(bptt, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)


model, criterion = RNNModel(ntokens, 32, 40), nn.CrossEntropyLoss()


def evaluate(source):
    model.eval()
    total, hidden = 0.0, model.init_hidden(source.size(1))
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, bptt):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            total += len(data) * criterion(output, targets).item()
    return total / (len(source) - 1)


lr, best = 10.0, None
for epoch in range(1, 6):
    model.train()
    hidden, run, n = model.init_hidden(20), 0.0, 0
    for i in range(0, train_data.size(0) - 1, bptt):
        data, targets = get_batch(train_data, i)
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(data, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        run += loss.item(); n += 1
    val = evaluate(val_data)
    print(f"| epoch {epoch} | lr {lr:.3f} | train loss {run / n:.4f} | valid loss {val:.4f} | valid ppl {math.exp(val):.3f}")
    if best is None or val < best - 1e-3:
        best = val
    else:
        lr /= 4.0
print(f"| test ppl {math.exp(evaluate(test_data)):.3f} | source's own ppl {math.exp(H / MEAN_LEN):.3f} | vocabulary {ntokens}")
