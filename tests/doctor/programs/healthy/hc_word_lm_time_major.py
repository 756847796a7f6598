"""Word language model, (T, B) batches with hidden state carried over, as in the PyTorch example."""
import math
import random

import torch
import torch.nn as nn

random.seed(55)
torch.manual_seed(55)
subjects = {"the cat": "sleeps jumps purrs eats", "the dog": "barks runs digs eats", "a bird": "sings flies nests eats", "my aunt": "cooks reads drives sings",
            "our teacher": "reads talks smiles walks", "the farmer": "digs plants drives walks", "a child": "plays laughs runs jumps", "the old man": "walks talks sleeps reads"}
where = ["in the garden", "at home", "near the river", "on the roof", "behind the church", "under a tree", "by the window", "in town"]
when = ["today", "at night", "in spring", "again", "all day", "on sunday", "for hours", "every morning"]
sentences = [f"{s} {v} {w} {t} <eos>" for s, vs in subjects.items() for v in vs.split() for w in where for t in when]
random.shuffle(sentences)
train_words, valid_words = " ".join(sentences[:1700]).split(), " ".join(sentences[1700:]).split()
dictionary = {w: i for i, w in enumerate(sorted(set(train_words)))}


def batchify(words, bsz):
    data = torch.tensor([dictionary[w] for w in words])
    n = len(data) // bsz
    return data[: n * bsz].view(bsz, n).t().contiguous()


def get_batch(source, i, bptt=20):
    n = min(bptt, len(source) - 1 - i)
    return source[i : i + n], source[i + 1 : i + 1 + n].reshape(-1)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=32, nhid=64):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        self.drop = nn.Dropout(0.1)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(self.drop(self.encoder(x)), hidden)
        return self.decoder(self.drop(out)).view(-1, self.decoder.out_features), hidden


train_data, val_data = batchify(train_words, 20), batchify(valid_words, 10)
model = RNNModel(len(dictionary))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    model.train()
    hidden = None
    for i in range(0, len(train_data) - 1, 20):
        x, y = get_batch(train_data, i)
        hidden = tuple(h.detach() for h in hidden) if hidden is not None else None
        out, hidden = model(x, hidden)
        loss = criterion(out, y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
    model.eval()
    total, hidden = 0.0, None
    with torch.no_grad():
        for i in range(0, len(val_data) - 1, 20):
            x, y = get_batch(val_data, i)
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out, y).item()
    print(f"epoch {epoch} loss {loss.item():.3f} valid ppl {math.exp(total / (len(val_data) - 1)):.3f}")
