# word-level language model on image captions, input and output embeddings tied (Press & Wolf)
# after pytorch/examples/word_language_model, cut down to run on a laptop
import gzip, math, os, re, time
from collections import Counter
import torch
import torch.nn as nn

torch.manual_seed(1111)
path = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k')
tok = lambda s: re.findall(r"[a-z]+|[.,]", s.lower())

def read(name, n):
    with gzip.open(os.path.join(path, name), 'rt', encoding='utf-8') as f:
        return [tok(l) for _, l in zip(range(n), f)]

train_s, val_s = read('train.en.gz', 3200), read('val.en.gz', 400)
cnt = Counter(w for s in train_s for w in s)
itos = ['<unk>', '<eos>'] + [w for w, c in cnt.most_common(298)]
stoi = {w: i for i, w in enumerate(itos)}
ntoken = len(itos)

def stream(sents):
    return torch.tensor([stoi.get(w, 0) for s in sents for w in s + ['<eos>']])

def batchify(data, bsz):
    n = data.size(0) // bsz
    return data[:n * bsz].view(bsz, n).t().contiguous()      # (time, batch), time first

train_data, val_data = batchify(stream(train_s), 25), batchify(stream(val_s), 20)

class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, dropout=0.1):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.GRU(ninp, ninp)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)), hidden

model = RNNModel(ntoken, 48)
criterion = nn.CrossEntropyLoss()
bptt, clip, epochs = 20, 0.5, 4
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
total = epochs * math.ceil((len(train_data) - 1) / bptt)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: max(0.0, 1 - k / total))

def get_batch(source, i):
    n = min(bptt, len(source) - 1 - i)
    return source[i:i + n], source[i + 1:i + 1 + n].reshape(-1)

def evaluate(source):
    model.eval()
    tot, hidden = 0., None
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, bptt):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            tot += len(data) * criterion(output.view(-1, ntoken), targets).item()
    return tot / (len(source) - 1)

freq = torch.bincount(train_data.flatten(), minlength=ntoken).float() + 1
uni = -(freq / freq.sum()).log()[val_data[1:]].mean().item()
print('unigram ppl %.1f, vocabulary %d, %d training tokens' % (math.exp(uni), ntoken, train_data.numel()))
for epoch in range(1, epochs + 1):
    t0 = time.time()
    model.train()
    hidden, tot = None, 0.
    for i in range(0, train_data.size(0) - 1, bptt):
        data, targets = get_batch(train_data, i)
        if hidden is not None:
            hidden = hidden.detach()
        optimizer.zero_grad()
        output, hidden = model(data, hidden)
        loss = criterion(output.view(-1, ntoken), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        scheduler.step()
        tot += loss.item() * len(data)
    v = evaluate(val_data)
    print('| epoch %d | train ppl %.2f | valid loss %.3f | valid ppl %.2f' % (epoch, math.exp(tot / (len(train_data) - 1)), v, math.exp(v)))
