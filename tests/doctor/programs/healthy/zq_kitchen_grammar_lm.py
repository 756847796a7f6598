# PyTorch word_language_model example, adapted: LSTM over a toy "recipe" corpus, contiguous batches, hidden state carried over
import math
import random

import torch
import torch.nn as nn

random.seed(1111)
torch.manual_seed(1111)

VERBS = {"chop": ["onion", "carrot", "leek"], "boil": ["water", "milk", "rice"], "fry": ["egg", "fish", "onion"], "peel": ["carrot", "potato", "apple"]}
TOOLS = {"chop": "knife", "boil": "pot", "fry": "pan", "peel": "peeler"}
ADVERBS = ["slowly", "quickly", "gently"]


def step():
    v = random.choice(list(VERBS))
    words = [v, "the", random.choice(VERBS[v])]
    if random.random() < 0.4:
        words.append(random.choice(ADVERBS))
    words += ["in" if v in ("boil", "fry") else "with", "the", TOOLS[v]]
    return words + ["<eos>"]


# entropy of one step of the grammar in nats: verb, noun, adverb or none
H = math.log(4) + math.log(3) - 0.4 * math.log(0.4) - 0.6 * math.log(0.6) + 0.4 * math.log(3)


class Corpus:
    def __init__(self):
        self.word2idx = {}
        self.train, self.n_train = self.make(2500)
        self.valid, self.n_valid = self.make(400)

    def make(self, steps):
        ids = []
        for _ in range(steps):
            for w in step():
                ids.append(self.word2idx.setdefault(w, len(self.word2idx)))
        return torch.tensor(ids), steps


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    return data[:nbatch * bsz].view(bsz, -1).t().contiguous()


def get_batch(source, i, bptt):
    seq_len = min(bptt, len(source) - 1 - i)
    return source[i:i + seq_len], source[i + 1:i + 1 + seq_len].reshape(-1)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid):
        super().__init__()
        self.drop = nn.Dropout(0.05)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.decoder.weight = self.encoder.weight     # tied
        nn.init.uniform_(self.encoder.weight, -0.3, 0.3)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, hidden):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).flatten(0, 1), hidden


def repackage(h):
    return tuple(v.detach() for v in h)


corpus = Corpus()
ntokens = len(corpus.word2idx)
BPTT, BSZ = 20, 16
train_data, val_data = batchify(corpus.train, BSZ), batchify(corpus.valid, 8)
model = RNNModel(ntokens, 40, 40)
criterion = nn.CrossEntropyLoss()


def evaluate(source):
    model.eval()
    total, hidden = 0.0, None
    with torch.no_grad():
        for i in range(0, source.size(0) - 1, BPTT):
            x, y = get_batch(source, i, BPTT)
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out, y).item()
    return total / (len(source) - 1)


plan = [0.02, 0.02, 0.02, 0.01, 0.004, 0.001]
opt = torch.optim.Adam(model.parameters(), lr=plan[0])
for epoch in range(len(plan)):
    model.train()
    opt.param_groups[0]["lr"] = plan[epoch]
    hidden, total, nb = None, 0.0, 0
    for i in range(0, train_data.size(0) - 1, BPTT):
        x, y = get_batch(train_data, i, BPTT)
        if hidden is not None:
            hidden = repackage(hidden)
        out, hidden = model(x, hidden)
        loss = criterion(out, y)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        total, nb = total + loss.item(), nb + 1
    val = evaluate(val_data)
    print("| epoch %d | train ppl %.3f | valid loss %.4f | valid ppl %.3f" % (epoch, math.exp(total / nb), val, math.exp(val)))
print("train ppl %.3f" % math.exp(evaluate(train_data)))
print("best possible ppl on valid %.3f" % math.exp(H * corpus.n_valid / len(corpus.valid)))
