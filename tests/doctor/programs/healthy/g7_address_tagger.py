"""Sequence labelling tutorial: tag the parts of a postal address with a BiLSTM.
Packed sequences, label smoothing, gradients gathered over two mini-batches."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(99)
torch.manual_seed(99)
STREETS = "oak maple king victoria mill church station park hill lake rose garden bridge castle".split()
KINDS = "street road lane avenue close".split()
CITIES = "paris london boston dublin leeds austin denver lyon york bath".split()
FIRST = "anna john mary peter lucy tom rose king victoria austin paris".split()
LAST = "smith miller brown hill park church stone wood baker lake york".split()
TAGS = ["O", "NAME", "STREET", "NUM", "CITY", "ZIP"]
T = {t: i for i, t in enumerate(TAGS)}


def number(lo, hi):
    return str(random.randint(lo, hi))


def address():
    name = [(random.choice(FIRST), "NAME"), (random.choice(LAST), "NAME")]
    if random.random() < 0.3:
        name.insert(0, (random.choice(["mr", "mrs", "dr"]), "O"))
    num = [(number(1, 99), "NUM")]
    street = [(random.choice(STREETS), "STREET"), (random.choice(KINDS), "STREET")]
    if random.random() < 0.25:
        street.insert(0, (random.choice(["old", "new", "upper"]), "STREET"))
    place = [(random.choice(CITIES), "CITY"), (number(10000, 99999), "ZIP")]
    if random.random() < 0.5:
        place.reverse()
    line = num + street if random.random() < 0.6 else street + num
    parts = [name, line, place] if random.random() < 0.7 else [line, place, name]
    if random.random() < 0.3:
        parts.insert(0, [("send", "O"), ("to", "O")])
    return [pair for part in parts for pair in part]


def norm(word):
    return f"<{len(word)}digits>" if word.isdigit() else word


samples, seen = [], set()
while len(samples) < 1800:
    a = address()
    key = tuple(norm(w) for w, _ in a)
    if key not in seen:
        seen.add(key)
        samples.append(a)
train, dev = samples[:1500], samples[1500:]
word_ix = {"<pad>": 0, "<unk>": 1}
for a in train:
    for w, _ in a:
        word_ix.setdefault(norm(w), len(word_ix))


def tensorize(rows):
    xs = [torch.tensor([word_ix.get(norm(w), 1) for w, _ in a]) for a in rows]
    ys = [torch.tensor([T[t] for _, t in a]) for a in rows]
    return pad_sequence(xs), torch.tensor([len(x) for x in xs]), pad_sequence(ys, padding_value=-1)      # time first


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.emb = nn.Embedding(n_words, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 24, bidirectional=True)
        self.fc = nn.Linear(48, n_tags)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(packed)[0])
        return self.fc(h)


model = Tagger(len(word_ix), len(TAGS))
loss_fn = nn.CrossEntropyLoss(ignore_index=-1, label_smoothing=0.05)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
ACCUM = 2


def evaluate(rows):
    model.eval()
    x, n, y = tensorize(rows)
    with torch.no_grad():
        out = model(x, n)
    keep = y >= 0
    right = (out.argmax(-1) == y) | ~keep
    loss = loss_fn(out.flatten(0, 1), y.flatten()).item()
    return loss, right[keep].float().mean().item(), right.all(0).float().mean().item()


for epoch in range(1, 7):
    model.train()
    random.shuffle(train)
    chunks = [train[i:i + 25] for i in range(0, len(train), 25)]
    optimizer.zero_grad()
    for k, rows in enumerate(chunks, 1):
        x, n, y = tensorize(rows)
        loss = loss_fn(model(x, n).flatten(0, 1), y.flatten())
        (loss / ACCUM).backward()
        if k % ACCUM == 0:
            optimizer.step()
            optimizer.zero_grad()
    print("epoch %d  train loss %.3f tokens %.3f lines %.3f" % (epoch, *evaluate(train)), " dev loss %.3f tokens %.3f lines %.3f" % evaluate(dev))
