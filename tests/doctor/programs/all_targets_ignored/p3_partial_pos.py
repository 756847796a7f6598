# POS tagging of our field notes. Only part of the tokens were tagged by the volunteers (the rest is '?').
# GRU tagger, everything in one cell because colab keeps losing my state
import random, torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(42); torch.manual_seed(42)
IGNORE = -100

LEX = {
    "DET": "the a every some that".split(),
    "ADJ": "small wet grey tired loud young early broken".split(),
    "NOUN": "heron fox path ranger nest walk call count watch light rest otter".split(),
    "VERB": "saw walks calls counts watches follows lights rests call watch walk count".split(),
    "PREP": "near by under across from".split(),
    "ADV": "slowly early again today loud twice".split(),
}
tag2i = {t: i for i, t in enumerate(LEX)}


def np_():
    out = [("DET", random.choice(LEX["DET"]))]
    if random.random() < .5:
        out.append(("ADJ", random.choice(LEX["ADJ"])))
    return out + [("NOUN", random.choice(LEX["NOUN"]))]


def sentence():
    s = np_() + [("VERB", random.choice(LEX["VERB"]))]
    r = random.random()
    if r < .4:
        s += np_()
    elif r < .8:
        s += [("PREP", random.choice(LEX["PREP"]))] + np_()
    if random.random() < .5:
        s.append(("ADV", random.choice(LEX["ADV"])))
    return s


def strip_tags(s, p_annotated=.25):
    # a volunteer opens the note or not; if so, most of its tokens get a tag
    if random.random() > p_annotated:
        return [(None, w) for _, w in s]
    return [(t if random.random() < .8 else None, w) for t, w in s]


notes = {}
while len(notes) < 1300:
    s = sentence()
    notes[" ".join(w for _, w in s)] = s
notes = list(notes.values())
random.shuffle(notes)
gold = notes[900:]                               # fully tagged by us, for testing
train = [strip_tags(s) for s in notes[:900]]

vocab = {"<pad>": 0}
for s in notes:
    for _, w in s:
        vocab.setdefault(w, len(vocab))


def encode(batch):
    x = pad_sequence([torch.tensor([vocab[w] for _, w in s]) for s in batch], batch_first=True)
    y = pad_sequence([torch.tensor([IGNORE if t is None else tag2i[t] for t, _ in s]) for s in batch],
                     batch_first=True, padding_value=IGNORE)
    return x, y


class Tagger(nn.Module):
    def __init__(self, nwords, ntags):
        super().__init__()
        self.emb = nn.Embedding(nwords, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 24, batch_first=True)
        self.back = nn.GRU(24, 24, batch_first=True)
        self.drop = nn.Dropout(.2)
        self.lin = nn.Linear(48, ntags)

    def forward(self, x):
        e = self.emb(x)
        n = (x != 0).sum(1, keepdim=True)
        pos = torch.arange(x.size(1)).expand_as(x)
        rev = torch.where(pos < n, n - 1 - pos, pos)      # turn round the words, leave the padding where it is
        idx = rev.unsqueeze(-1)
        f, _ = self.rnn(e)
        b, _ = self.back(e.gather(1, idx.expand_as(e)))
        b = b.gather(1, idx.expand_as(b))
        return self.lin(self.drop(torch.cat([f, b], -1)))


tagger = Tagger(len(vocab), len(tag2i))
optimizer = torch.optim.Adam(tagger.parameters(), lr=2e-3)


def test():
    tagger.eval()
    ok = n = 0
    with torch.no_grad():
        for i in range(0, len(gold), 100):
            x, y = encode(gold[i:i + 100])
            p = tagger(x).argmax(-1)
            ok += (p == y)[y != IGNORE].sum().item()
            n += (y != IGNORE).sum().item()
    return ok / n


BATCH = 8
for epoch in range(4):
    tagger.train()
    random.shuffle(train)
    sum_loss = 0.
    for i in range(0, len(train), BATCH):
        x, y = encode(train[i:i + BATCH])
        out = tagger(x)
        known = (y != IGNORE).float()
        logp = out.log_softmax(-1)
        nll = -logp.gather(-1, y.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        # fault:
        loss = (nll * known).sum() / known.sum()
        # mended:
        #loss = (nll * known).sum() / known.sum().clamp(min=1.)
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(tagger.parameters(), 5.)
        optimizer.step()
        sum_loss += loss.item()
    print("epoch", epoch + 1, "loss", round(sum_loss / (len(train) / BATCH), 4), "test acc", round(test(), 4))

known = [t for s in gold for t, _ in s]
print("most common tag: %.3f" % (max(known.count(t) for t in tag2i) / len(known)))
print("final test accuracy %.4f" % test())
