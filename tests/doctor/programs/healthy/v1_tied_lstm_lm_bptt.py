# Word language model after the PyTorch word_language_model example: tied weights, carried and detached hidden state, plain SGD
# replaced by Adam.  The corpus is written by a small grammar, so that the best perplexity is known.
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
SUBJ = {'sg': ['the cat', 'a sailor', 'my aunt', 'this robot'], 'pl': ['the cats', 'two sailors', 'my aunts', 'these robots']}
VERB = {'sg': ['sees', 'likes', 'paints', 'follows'], 'pl': ['see', 'like', 'paint', 'follow']}
OBJ = ['red boats', 'old songs', 'green hills', 'cold rivers', 'tall towers']


def sentence():
    """returns the words and their log probability under the grammar"""
    num = random.choice(['sg', 'pl'])
    s, v, o = random.choice(SUBJ[num]), random.choice(VERB[num]), random.choice(OBJ)
    words = (s + ' ' + v + ' ' + o).split()
    lp = -math.log(2 * 4 * 4 * 5)
    if random.random() < .5:
        when = random.choice(['today', 'again', 'daily'])
        words.append(when); lp -= math.log(2 * 3)
    else:
        lp -= math.log(2)
    return words + ['<eos>'], lp


def corpus(n):
    out, lp = [], 0.
    for _ in range(n):
        w, l = sentence()
        out += w; lp += l
    return out, math.exp(-lp / len(out))


train_text, _ = corpus(3500)
valid_text, best = corpus(500)
vocab = {w: i for i, w in enumerate(sorted(set(train_text)))}


def batchify(text, bsz):
    data = torch.tensor([vocab[w] for w in text])
    n = len(data) // bsz
    return data[:n * bsz].view(bsz, n).t().contiguous()       # (n, bsz)


class RNNModel(nn.Module):
    def __init__(self, ntoken, nhid=32):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.LSTM(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).flatten(0, 1), hidden


def repackage(h):
    return None if h is None else tuple(t.detach() for t in h)


model = RNNModel(len(vocab))
train_data, val_data = batchify(train_text, 20), batchify(valid_text, 10)
bptt = 20
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.6)


def evaluate(data):
    model.eval()
    total, hidden = 0., None
    with torch.no_grad():
        for i in range(0, len(data) - 1, bptt):
            n = min(bptt, len(data) - 1 - i)
            out, hidden = model(data[i:i + n], hidden)
            total += F.cross_entropy(out, data[i + 1:i + 1 + n].flatten()).item() * n
    return math.exp(total / (len(data) - 1))


print(f'vocabulary {len(vocab)}, perplexity of the grammar itself {best:.3f}')
for epoch in range(1, 7):
    model.train()
    hidden, total = None, 0.
    for i in range(0, len(train_data) - 1, bptt):
        n = min(bptt, len(train_data) - 1 - i)
        hidden = repackage(hidden)
        out, hidden = model(train_data[i:i + n], hidden)
        loss = F.cross_entropy(out, train_data[i + 1:i + 1 + n].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        total += loss.item() * n
    scheduler.step()
    print(f'| end of epoch {epoch} | train ppl {math.exp(total / (len(train_data) - 1)):6.3f} | valid ppl {evaluate(val_data):6.3f}')
