# Blog: weight tying in forty lines. A small word-level language model, stream in (T, B) layout as in the old examples,
# hidden state carried from chunk to chunk.
import math
import random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)
S = [('the', 'a'), ('small', 'red', 'old', 'quiet'), ('cat', 'dog', 'bird', 'girl', 'boy'), ('sees', 'finds', 'likes', 'hears'),
     ('the', 'a'), ('tree', 'house', 'river', 'ball', 'book'), ('today', 'again', 'there'), ('.',)]
toks = [random.choice(slot) for _ in range(2600) for slot in S if len(slot) != 4 or 'red' not in slot or random.random() < .5]
ids = {w: i for i, w in enumerate(sorted(set(toks)))}
stream = torch.tensor([ids[w] for w in toks])
cut = int(len(stream) * .85)


def batchify(data, bsz):
    n = len(data) // bsz
    return data[:n * bsz].view(bsz, -1).t().contiguous()


train_data, val_data = batchify(stream[:cut], 20), batchify(stream[cut:], 20)
bptt = 20


class RNNModel(nn.Module):
    def __init__(self, ntoken, d=32):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, d)
        self.rnn = nn.LSTM(d, d)
        self.decoder = nn.Linear(d, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -.1, .1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, h=None):
        o, h = self.rnn(self.encoder(x), h)
        return self.decoder(o), h


model = RNNModel(len(ids))
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)


def run(data, train):
    model.train(train)
    h, tot, n = None, 0., 0
    with torch.set_grad_enabled(train):
        for i in range(0, len(data) - 1, bptt):
            x, t = data[i:i + bptt][:len(data) - 1 - i], data[i + 1:i + 1 + bptt]
            if h is not None:
                h = tuple(s.detach() for s in h)
            out, h = model(x, h)
            loss = crit(out.flatten(0, 1), t.flatten())
            if train:
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), .5)
                opt.step()
            tot, n = tot + loss.item() * t.numel(), n + t.numel()
    return tot / n


print('uniform ppl', len(ids))
for ep in range(1, 7):
    a = run(train_data, True)
    v = run(val_data, False)
    print(f'| epoch {ep} | train ppl {math.exp(a):6.2f} | valid ppl {math.exp(v):6.2f}')
