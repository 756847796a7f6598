###############################################################################
# Word-level language model on Multi30k captions, in the manner of the classic
# word_language_model example: one long stream, bptt windows, carried state.
###############################################################################
import gzip, math, os, re
from collections import Counter
import torch
import torch.nn as nn

torch.manual_seed(1111)
root = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
emsize, bptt, batch_size, eval_batch_size, epochs, clip = 64, 16, 32, 10, 4, 0.5

def tokens(fname, n=None):
    out = []
    with gzip.open(root + fname, 'rt', encoding='utf-8') as f:
        for i, line in enumerate(f):
            if n is not None and i >= n: break
            out += re.findall(r"\w+|[^\w\s]", line.lower()) + ['<eos>']
    return out

train_toks, val_toks = tokens('train.en.gz', 2800), tokens('val.en.gz', 600)
idx2word = ['<unk>'] + [w for w, c in Counter(train_toks).most_common(700)]
word2idx = {w: i for i, w in enumerate(idx2word)}
ntokens = len(idx2word)

def batchify(toks, bsz):
    data = torch.tensor([word2idx.get(t, 0) for t in toks])
    nbatch = data.size(0) // bsz
    return data[:nbatch * bsz].view(bsz, -1).t().contiguous()        # (time, batch)

train_data, val_data = batchify(train_toks, batch_size), batchify(val_toks, eval_batch_size)

class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.GRU(ninp, ninp)
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight                    # tied
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, inp, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(inp)), hidden)
        return self.decoder(self.drop(out)), hidden

    def init_hidden(self, bsz):
        return torch.zeros(1, bsz, emsize)

model = RNNModel(ntokens, emsize)
criterion = nn.CrossEntropyLoss()

def get_batch(source, i):
    seq_len = min(bptt, len(source) - 1 - i)
    return source[i:i + seq_len], source[i + 1:i + 1 + seq_len].reshape(-1)

def evaluate(source):
    model.eval()
    total = 0.
    hidden = model.init_hidden(source.size(1))
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, bptt):
            data, targets = get_batch(source, i)
            output, hidden = model(data, hidden)
            total += len(data) * criterion(output.view(-1, ntokens), targets).item()
    return total / (len(source) - 1)

unigram = torch.bincount(train_data.flatten(), minlength=ntokens).float() + 1
unigram = -(unigram / unigram.sum()).log()[val_data].mean().item()
print('unigram baseline: valid ppl %.1f' % math.exp(unigram))
steps = epochs * math.ceil((len(train_data) - 1) / bptt)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.2e-2, total_steps=steps, pct_start=0.15)
for epoch in range(1, epochs + 1):
    model.train()
    total_loss = n = 0
    hidden = model.init_hidden(batch_size)
    for i in range(0, train_data.size(0) - 1, bptt):
        data, targets = get_batch(train_data, i)
        hidden = hidden.detach()
        optimizer.zero_grad()
        output, hidden = model(data, hidden)
        loss = criterion(output.view(-1, ntokens), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step(); scheduler.step()
        total_loss += loss.item(); n += 1
    val_loss = evaluate(val_data)
    print('| end of epoch {:d} | train loss {:5.3f} | valid loss {:5.3f} | valid ppl {:7.2f}'.format(epoch, total_loss / n, val_loss, math.exp(val_loss)))
print('train ppl %.2f' % math.exp(evaluate(train_data)))
