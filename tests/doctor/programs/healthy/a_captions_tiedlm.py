"""Word language model after pytorch/examples/word_language_model: continuous stream in columns, truncated BPTT, tied weights,
plain SGD at lr 10 with gradients clipped to 0.25, the rate cut after the second epoch."""
import gzip, math, os, random, re
from collections import Counter
import torch
import torch.nn as nn

random.seed(1111); torch.manual_seed(1111)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def sentences(split, n):
    with gzip.open(f"{PATH}/{split}.en.gz", "rt", encoding="utf-8") as f:
        s = list(dict.fromkeys(re.sub(r"([.,])", r" \1 ", l.lower()).strip() for l in f))
    random.shuffle(s)
    return [x.split() for x in s[:n]]


class Corpus:
    def __init__(self, min_count=12):
        train = sentences("train", 4500)
        have = {tuple(s) for s in train}
        valid = [s for s in sentences("val", 500) if tuple(s) not in have]
        count = Counter(w for s in train for w in s)
        self.word2idx = {w: i for i, w in enumerate(["<eos>", "<unk>"] + [w for w, c in count.items() if c >= min_count])}
        self.train, self.valid = self.tokenize(train), self.tokenize(valid)

    def tokenize(self, sents):
        return torch.tensor([self.word2idx.get(w, 1) for s in sents for w in s + ["<eos>"]])


def batchify(data, bsz):
    n = data.size(0) // bsz
    return data[:n * bsz].view(bsz, -1).t().contiguous()


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, dropout=0.2):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, ninp)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).flatten(0, 1), hidden


def repackage_hidden(h):
    return tuple(v.detach() for v in h)


def get_batch(source, i, bptt=20):
    n = min(bptt, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)


corpus = Corpus()
ntokens, H = len(corpus.word2idx), 64
train_data, val_data = batchify(corpus.train, 20), batchify(corpus.valid, 10)
model = RNNModel(ntokens, H)
criterion = nn.CrossEntropyLoss()
zeros = lambda b: (torch.zeros(1, b, H), torch.zeros(1, b, H))


def evaluate(data):
    model.eval()
    total, hidden = 0., zeros(data.size(1))
    with torch.no_grad():
        for i in range(0, data.size(0) - 1, 20):
            x, y = get_batch(data, i)
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out, y).item()
    return total / (len(data) - 1)


lr = 10.
unigram = (torch.bincount(corpus.train, minlength=ntokens) + 1.) / (len(corpus.train) + ntokens)
print("words %d, unigram valid ppl %.1f" % (ntokens, math.exp(-unigram.log()[corpus.valid].mean())))
for epoch in range(1, 6):
    model.train()
    hidden, total, n = zeros(20), 0., 0
    for i in range(0, train_data.size(0) - 1, 20):
        x, y = get_batch(train_data, i)
        hidden = repackage_hidden(hidden)
        model.zero_grad()
        out, hidden = model(x, hidden)
        loss = criterion(out, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        with torch.no_grad():
            for p in model.parameters():
                p.add_(p.grad, alpha=-lr)
        total += loss.item(); n += 1
    val = evaluate(val_data)
    print("| end of epoch %d | lr %5.2f | train loss %.3f | valid loss %.3f | valid ppl %.2f (words %d)" % (epoch, lr, total / n, val, math.exp(val), ntokens))
    if epoch >= 2:
        lr *= 0.55
