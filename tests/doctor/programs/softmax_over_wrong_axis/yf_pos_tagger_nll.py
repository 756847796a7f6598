# Part-of-speech tagging exercise: sentences from a small grammar with ambiguous words, BiLSTM, NLL loss
import random
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

random.seed(6)
torch.manual_seed(6)

# words that are nouns or verbs depending on the place make the tagger look at the context
BOTH = "run walk talk play watch cook work plan dance drink call visit dream answer move paint".split()
NOUN = "dog teacher garden river doctor song table winter friend engine baker island".split()
VERB = "sees likes finds hears brings keeps wants needs".split()
ADJ = "old small green noisy happy strange early round clever broken".split()
DET = "the a every this my".split()
PREP = "in near under with after".split()
PRON = "i you they we".split()
ADV = "often never slowly gladly".split()
TAGS = ["NOUN", "VERB", "ADJ", "DET", "PREP", "PRON", "ADV"]
T = {t: i for i, t in enumerate(TAGS)}


def np_():
    out = [(random.choice(DET), "DET")]
    out += [(random.choice(ADJ), "ADJ") for _ in range(random.choice([0, 0, 1, 2]))]
    return out + [(random.choice(BOTH if random.random() < .5 else NOUN), "NOUN")]


def sent():
    if random.random() < .5:
        s = [(random.choice(PRON), "PRON")]
        s += [(random.choice(ADV), "ADV")] if random.random() < .4 else []
        s += [(random.choice(BOTH), "VERB")]
    else:
        s = np_() + [(random.choice(VERB), "VERB")]
    s += np_() if random.random() < .7 else []
    while random.random() < .4:
        s += [(random.choice(PREP), "PREP")] + np_()
    return tuple(s)


pool = list(dict.fromkeys(sent() for _ in range(3000)))
random.shuffle(pool)
train, test = pool[:1600], pool[1600:2100]
freq = Counter(w for s in train for w, _ in s)
words = {w: i + 2 for i, w in enumerate(sorted(w for w in freq if freq[w] >= 250))}     # 0 pad, 1 rare: context has to do


def tensors(sents):
    xs = pad_sequence([torch.tensor([words.get(w, 1) for w, _ in s]) for s in sents], batch_first=True)
    ys = pad_sequence([torch.tensor([T[t] for _, t in s]) for s in sents], batch_first=True, padding_value=-100)
    return xs, ys, torch.tensor([len(s) for s in sents])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(words) + 2, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 20, bidirectional=True, batch_first=True)
        self.tag = nn.Linear(40, len(TAGS))

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.embed(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        # fault:
        return F.log_softmax(self.tag(h), dim=1)
        # mended:
        # return F.log_softmax(self.tag(h), dim=2)
        # end


net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
gamma = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
xt, yt, nt = tensors(test)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    total, count = 0.0, 0
    for i in range(0, len(train), 50):
        x, y, n = tensors(train[i:i + 50])
        logp = net(x, n)
        loss = F.nll_loss(logp.reshape(-1, len(TAGS)), y.reshape(-1), ignore_index=-100)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, count = total + loss.item(), count + 1
    gamma.step()
    net.eval()
    with torch.no_grad():
        pred = net(xt, nt).argmax(2)
    real = yt != -100
    print("epoch %d  loss %.4f  test accuracy %.4f" % (epoch + 1, total / count, (pred == yt)[real].float().mean()))
most = torch.bincount(yt[real]).max() / real.sum()
print("most frequent tag: %.4f" % most)
