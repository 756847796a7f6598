"""Slot tagging of travel requests: BiLSTM, after the PyTorch POS tagging tutorial but batched."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(5)
torch.manual_seed(5)

CITIES = "paris london tokyo lima oslo cairo delhi boston berlin rome madrid vienna seoul dublin athens lisbon".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday today tomorrow".split()
AIRLINES = ["blue air", "northern wings", "sky line", "delta", "sun express", "polar"]
TAGS = ["O", "FROM", "TO", "DAY", "AIR"]
IGNORE = -100


def request():
    src, dst = random.sample(CITIES, 2)
    pieces = [[(src, "FROM")], [(dst, "TO")], [(random.choice(DAYS), "DAY")]]
    frm, to = [("from", "O")] + pieces[0], [(random.choice(["to", "towards"]), "O")] + pieces[1]
    mid = [frm, to]
    random.shuffle(mid)
    if random.random() < 0.6:
        mid.append([("on", "O")] * (random.random() < 0.7) + pieces[2])
    if random.random() < 0.5:
        mid.append([("with", "O")] + [(w, "AIR") for w in random.choice(AIRLINES).split()])
    head = random.choice(["i need a flight", "book me a seat", "is there a plane", "please find tickets", "my boss flies"])
    tail = random.choice(["", "please", "in the morning", "for two people", "if it is cheap"])
    seq = [(w, "O") for w in head.split()] + [p for m in mid for p in m] + [(w, "O") for w in tail.split()]
    return tuple(seq)


unique = set()
while len(unique) < 1500:
    unique.add(request())
corpus = sorted(unique)
random.shuffle(corpus)
training, heldout = corpus[:1200], corpus[1200:]
word_to_ix = {"<unk>": 0}
for sent in training:
    for w, _ in sent:
        word_to_ix.setdefault(w, len(word_to_ix))
tag_to_ix = {t: i for i, t in enumerate(TAGS)}


def collate(sents):
    sents = sorted(sents, key=len, reverse=True)
    xs = [torch.tensor([word_to_ix.get(w, 0) for w, _ in s]) for s in sents]
    ys = [torch.tensor([tag_to_ix[t] for _, t in s]) for s in sents]
    return pack_sequence(xs), pad_sequence(ys, batch_first=True, padding_value=IGNORE)


class Tagger(nn.Module):
    def __init__(self, dim=12, hidden=16):
        super().__init__()
        self.word_embeddings = nn.Embedding(len(word_to_ix), dim)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        self.hidden2tag = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, packed):
        emb = packed._replace(data=self.word_embeddings(packed.data))
        out, _ = pad_packed_sequence(self.lstm(emb)[0], batch_first=True)
        return self.hidden2tag(out)


tagger = Tagger()
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.01)
loss_function = nn.CrossEntropyLoss(ignore_index=IGNORE)


def evaluate(sents):
    tagger.eval()
    tok = tot = exact = 0
    with torch.no_grad():
        for x, y in DataLoader(sents, batch_size=100, collate_fn=collate):
            ok = (tagger(x).argmax(-1) == y) | (y == IGNORE)
            slots = y > 0                                    # anything but O and padding
            tok += (ok & slots).sum().item()
            tot += slots.sum().item()
            exact += ok.all(1).sum().item()
    return tok / tot, exact / len(sents)


for epoch in range(4):
    tagger.train()
    losses = []
    for x, y in DataLoader(training, batch_size=30, shuffle=True, collate_fn=collate):
        tagger.zero_grad()
        loss = loss_function(tagger(x).flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch", epoch, "loss %.4f" % (sum(losses) / len(losses)), "held-out slot acc %.3f, whole sentence %.3f" % evaluate(heldout))
print("training slot acc %.3f, whole sentence %.3f" % evaluate(training))
