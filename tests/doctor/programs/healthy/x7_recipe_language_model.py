"""Blog post code: a tiny recurrent language model in plain style.

* input and output matrix are one and the same tensor
* the stream is cut into columns, the state is carried from one window to the next (and cut off from the graph)
* plain SGD with clipping, rate divided by 4 when the validation perplexity stops falling (as in the old PTB recipes)
The text comes from a little grammar, so that the best possible perplexity is known.
"""
import math
import random

import torch
from torch import nn

torch.manual_seed(1111)
rnd = random.Random(1111)
VERBS = {'chop': ['onion', 'carrot', 'leek', 'parsley'], 'boil': ['rice', 'pasta', 'egg', 'potato'],
         'fry': ['bacon', 'tofu', 'fish', 'mushroom'], 'whisk': ['cream', 'butter', 'yolk', 'sugar']}
HOW = {'chop': 'finely', 'boil': 'slowly', 'fry': 'quickly', 'whisk': 'gently'}


def sentence():
    """Returns the words and the entropy (in nats) of the choices made."""
    verb = rnd.choice(list(VERBS))
    words, h = ['then', verb, 'the', rnd.choice(VERBS[verb])], math.log(4) * 2
    h += -(0.5 * math.log(0.5) * 2)
    if rnd.random() < 0.5:
        words.append(HOW[verb])
    return words + ['.'], h


def stream(n):
    out, h = [], 0.0
    for _ in range(n):
        w, e = sentence()
        out += w
        h += e
    return out, math.exp(h / len(out))


train_words, _ = stream(4000)
valid_words, floor = stream(600)
itos = sorted(set(train_words))
stoi = {w: i for i, w in enumerate(itos)}


def batchify(words, columns):
    ids = torch.tensor([stoi[w] for w in words])
    n = len(ids) // columns
    return ids[:n * columns].view(columns, n).t().contiguous()      # (time, columns)


class RecipeLM(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.encoder = nn.Embedding(n, d)
        self.rnn = nn.LSTM(d, d)
        self.decoder = nn.Linear(d, n)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, state):
        out, state = self.rnn(self.encoder(x), state)
        return self.decoder(out), state

    def start(self, columns):
        return torch.zeros(1, columns, self.rnn.hidden_size), torch.zeros(1, columns, self.rnn.hidden_size)


def windows(data, bptt):
    for t in range(0, data.size(0) - 1, bptt):
        k = min(bptt, data.size(0) - 1 - t)
        yield data[t:t + k], data[t + 1:t + 1 + k]


def run(model, data, lr=None, bptt=12):
    model.train(lr is not None)
    state = model.start(data.size(1))
    total = count = 0
    with torch.set_grad_enabled(lr is not None):
        for x, y in windows(data, bptt):
            state = tuple(s.detach() for s in state)
            logits, state = model(x, state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
            if lr is not None:
                model.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                with torch.no_grad():
                    for p in model.parameters():
                        p -= lr * p.grad
            total += loss.item() * y.numel()
            count += y.numel()
    return math.exp(total / count)


model = RecipeLM(len(itos), 40)
train, valid = batchify(train_words, 20), batchify(valid_words, 10)
lr, best = 4.0, float('inf')
print(f'{len(itos)} words, best possible perplexity {floor:.3f}')
for epoch in range(1, 9):
    ppl_train, ppl = run(model, train, lr), run(model, valid)
    print(f'| epoch {epoch} | lr {lr:.3f} | train ppl {ppl_train:7.3f} | valid ppl {ppl:7.3f}')
    if ppl > best - 0.01:
        lr /= 4
    best = min(best, ppl)
