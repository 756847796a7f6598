###############################################################################
# Character language model, stateful truncated BPTT, (time, batch) layout, tied weights.
# After the PyTorch word_language_model example.
###############################################################################
import gzip, math, os
import torch
import torch.nn as nn

torch.manual_seed(1111)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/train.en.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    text = "".join(f.readline().lower() for _ in range(1300))
alphabet = sorted(set(text))
ids = torch.tensor([alphabet.index(c) for c in text])
n_val = 6000
print("chars", len(ids), "alphabet", len(alphabet))


def batchify(x, bsz):
    n = x.size(0) // bsz
    return x[:n * bsz].view(bsz, n).t().contiguous()


train_data, val_data = batchify(ids[:-n_val], 40), batchify(ids[-n_val:], 10)
bptt = 32


class CharRNN(nn.Module):
    def __init__(self, ntoken, nhid):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, nhid)
        self.rnn = nn.GRU(nhid, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.normal_(self.encoder.weight, std=0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, h):
        o, h = self.rnn(self.encoder(x), h)
        return self.decoder(o), h


model = CharRNN(len(alphabet), 48)
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
epochs = 4
n_chunks = len(range(0, train_data.size(0) - 1, bptt))
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(0.02, 1 - s / (epochs * n_chunks)))


def get_batch(src, i):
    n = min(bptt, len(src) - 1 - i)
    return src[i:i + n], src[i + 1:i + 1 + n]


def evaluate(src):
    model.eval()
    total, h = 0.0, None
    with torch.no_grad():
        for i in range(0, src.size(0) - 1, bptt):
            x, y = get_batch(src, i)
            out, h = model(x, h)
            total += len(x) * criterion(out.reshape(-1, len(alphabet)), y.reshape(-1)).item()
    return total / (len(src) - 1) / math.log(2)


print("untrained: %.3f bits per char" % evaluate(val_data))
for epoch in range(1, epochs + 1):
    model.train()
    hidden, total = None, 0.0
    for i in range(0, train_data.size(0) - 1, bptt):
        x, y = get_batch(train_data, i)
        if hidden is not None:
            hidden = hidden.detach()        # state goes on, gradient stops
        model.zero_grad()
        out, hidden = model(x, hidden)
        loss = criterion(out.reshape(-1, len(alphabet)), y.reshape(-1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(); sched.step()
        total += loss.item() * len(x)
    print("| epoch %d | train bpc %.3f | valid bpc %.3f" % (epoch, total / (len(train_data) - 1) / math.log(2), evaluate(val_data)))

p = torch.bincount(ids[:-n_val], minlength=len(alphabet)).float()
p = p / p.sum()
print("unigram bpc %.3f" % -(p[ids[-n_val:]].clamp_min(1e-6).log2().mean()))
with torch.no_grad():
    cur, h, s = torch.tensor([[alphabet.index("a")]]), None, "a"
    for _ in range(80):
        o, h = model(cur, h)
        cur = torch.multinomial((o[-1] / 0.6).softmax(-1), 1)
        s += alphabet[cur.item()]
print(s)
