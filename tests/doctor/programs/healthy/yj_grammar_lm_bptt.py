# next-word model on a toy language, stateful truncated BPTT like the old word_language_model example (time first!)
import math, random, torch
from torch import nn

random.seed(5); torch.manual_seed(5)
det = ['the', 'a', 'every', 'some']
nouns_s = ['dog', 'cat', 'girl', 'boy', 'farmer', 'king', 'robot', 'bird', 'teacher', 'doctor']
nouns_p = [n + 's' for n in nouns_s]
verbs = ['see', 'like', 'chase', 'hear', 'follow', 'help', 'know', 'paint']
adj = ['old', 'small', 'green', 'happy', 'tired', 'clever']
adv = ['quickly', 'today', 'often', 'never']
pp = ['in', 'near', 'behind']
place = ['house', 'garden', 'forest', 'river', 'city']


def np_(depth=0):
    plural = random.random() < .4
    out = [random.choice(['the', 'some'])] if plural else [random.choice(['the', 'a', 'every'])]
    if random.random() < .35: out.append(random.choice(adj))
    out.append(random.choice(nouns_p if plural else nouns_s))
    if depth == 0 and random.random() < .3: out += [random.choice(pp), 'the', random.choice(place)]
    return out, plural


def sentence():
    s, plural = np_()
    v = random.choice(verbs)
    o, _ = np_(1)
    out = s + [v if plural else v + 's'] + o
    if random.random() < .4: out.append(random.choice(adv))
    return out + ['.']


def corpus(n, taken):
    toks = []
    while n:
        s = sentence()
        if tuple(s) in taken: continue
        taken.add(tuple(s)); toks += s; n -= 1
    return toks


taken = set()
train_toks, valid_toks = corpus(4000, taken), corpus(500, taken)
vocab = sorted(set(train_toks)); ix = {w: i for i, w in enumerate(vocab)}


def batchify(toks, bsz):
    t = torch.tensor([ix[w] for w in toks])
    n = t.numel() // bsz
    return t[:n * bsz].view(bsz, n).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self, nvoc, dim):
        super().__init__()
        self.encoder = nn.Embedding(nvoc, dim)
        self.rnn = nn.LSTM(dim, dim)
        self.decoder = nn.Linear(dim, nvoc)
        self.decoder.weight = self.encoder.weight        # tied
        nn.init.uniform_(self.encoder.weight, -.1, .1); nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        y, hidden = self.rnn(self.encoder(x), hidden)
        return self.decoder(y), hidden


BPTT, BS = 20, 32
train_data, valid_data = batchify(train_toks, BS), batchify(valid_toks, 8)
model = RNNModel(len(vocab), 32)
crit = nn.CrossEntropyLoss()
lr = 12.0


def evaluate(data):
    model.eval()
    hid, tot = None, 0.
    with torch.no_grad():
        for i in range(0, data.size(0) - 1, BPTT):
            k = min(BPTT, data.size(0) - 1 - i)
            out, hid = model(data[i:i + k], hid)
            tot += k * crit(out.flatten(0, 1), data[i + 1:i + 1 + k].flatten()).item()
    return tot / (data.size(0) - 1)


print(len(train_toks), 'tokens', len(vocab), 'types')
freq = torch.bincount(train_data.flatten(), minlength=len(vocab)).float(); freq /= freq.sum()
print('unigram perplexity %.2f' % math.exp(-(freq * freq.log()).sum()))
best = 1e9
for epoch in range(1, 9):
    model.train()
    hid, tot, n = None, 0., 0
    for i in range(0, train_data.size(0) - 1, BPTT):
        k = min(BPTT, train_data.size(0) - 1 - i)
        x, y = train_data[i:i + k], train_data[i + 1:i + 1 + k]
        if hid is not None: hid = tuple(h.detach() for h in hid)
        model.zero_grad()
        out, hid = model(x, hid)
        loss = crit(out.flatten(0, 1), y.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        with torch.no_grad():
            for p in model.parameters(): p.add_(p.grad, alpha=-lr)
        tot += k * loss.item(); n += k
    v = evaluate(valid_data)
    print('| epoch %d | lr %5.2f | train ppl %6.2f | valid ppl %6.2f' % (epoch, lr, math.exp(tot / n), math.exp(v)))
    if v > best - 0.01: lr /= 4
    best = min(best, v)
