# coding: utf-8
# character LM with truncated backprop through time; the hidden state travels from batch to batch
import math, time
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1111)
np.random.seed(1111)

bptt, bsz, nhid, clip = 32, 32, 48, 0.5


def fake_log(n):
    """web server log, order of lines does matter: every GET is answered with the same id"""
    out = []
    for _ in range(n):
        rid = np.random.randint(10)
        page = np.random.choice(['/home', '/cart', '/login', '/item'])
        code = np.random.choice(['200 ok', '404 not found', '500 error'], p=[.8, .15, .05])
        out.append('get %s id=%d\nanswer %d: %s\n' % (page, rid, rid, code))
    return ''.join(out)


corpus_train, corpus_valid = fake_log(1200), fake_log(240)
chars = sorted(set(corpus_train + corpus_valid))
stoi = {c: i for i, c in enumerate(chars)}


def batchify(text):
    data = torch.tensor([stoi[c] for c in text])
    nb = data.size(0) // bsz
    return data[:nb * bsz].view(bsz, -1).t().contiguous()    # (time, batch)


train_data, val_data = batchify(corpus_train), batchify(corpus_valid)


class RNNModel(nn.Module):
    def __init__(self, ntoken):
        super(RNNModel, self).__init__()
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight            # tied
        nn.init.uniform_(self.encoder.weight, -0.2, 0.2)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        o, hidden = self.rnn(self.encoder(x), hidden)
        return self.decoder(o), hidden

    def init_hidden(self):
        return (torch.zeros(1, bsz, nhid), torch.zeros(1, bsz, nhid))


def repackage(h):
    return tuple(v.detach() for v in h)


def get_batch(source, i):
    n = min(bptt, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)


model = RNNModel(len(chars))
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
epochs = 6
steps = len(range(0, train_data.size(0) - 1, bptt))
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 1.5e-2, total_steps=epochs * steps, pct_start=0.2)


def evaluate(source):
    model.eval()
    hidden, total, n = model.init_hidden(), 0., 0
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, bptt):
            x, y = get_batch(source, i)
            o, hidden = model(x, hidden)
            total += criterion(o.view(-1, len(chars)), y).item() * len(y)
            n += len(y)
    return total / n


# what a perfect model would still pay, in nats per character
h = lambda p: -sum(q * math.log(q) for q in p)
per_line = math.log(10) + math.log(4) + h([.8, .15, .05])
print('chars %d, floor about %.3f, uniform %.3f' % (len(corpus_train), per_line * 1200 / len(corpus_train), math.log(len(chars))))

for epoch in range(1, epochs + 1):
    model.train()
    hidden, cur = model.init_hidden(), []
    for i in range(0, train_data.size(0) - 1, bptt):
        x, y = get_batch(train_data, i)
        hidden = repackage(hidden)
        model.zero_grad()
        output, hidden = model(x, hidden)
        loss = criterion(output.view(-1, len(chars)), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        opt.step()
        sch.step()
        cur.append(loss.item())
    v = evaluate(val_data)
    print('| epoch %d | train %.3f | valid %.3f | bpc %.3f' % (epoch, np.mean(cur[-20:]), v, v / math.log(2)))
