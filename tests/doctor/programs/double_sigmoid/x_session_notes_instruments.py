# Which instruments are on the take? Multi-label tagging of studio session notes.
# (tiny reimplementation of the text branch of our ISMIR late-breaking demo)
import random
import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)

INSTRUMENTS = {
    "drums": "snare kick hihat toms overheads brushes".split(),
    "guitar": "strat amp riff capo strumming telecaster".split(),
    "voice": "lead harmonies sibilance adlib chorus pop-filter".split(),
    "strings": "viola cello violins pizzicato section bowing".split(),
    "keys": "rhodes grand clavinet organ leslie pedal".split(),
    "brass": "trumpet mutes horns trombone stabs flugel".split(),
}
TAGS = list(INSTRUMENTS)
FILLER = ("take two was the keeper we moved everything a bit back from room mic compressed on way in "
          "no click tempo drifts slightly before bridge comp later print stems tomorrow double track").split()


def make_note():
    y = [0.0] * len(TAGS)
    words = random.choices(FILLER, k=random.randint(4, 12))
    for t in random.sample(range(len(TAGS)), random.choice([1, 1, 2, 2, 3])):
        y[t] = 1.0
        words += random.sample(INSTRUMENTS[TAGS[t]], random.choice([1, 2]))
    random.shuffle(words)
    return words, y


notes = [make_note() for _ in range(2100)]
train, held = notes[:1600], notes[1600:]
stoi = {"<pad>": 0}
for words, _ in train:
    for w in words:
        stoi.setdefault(w, len(stoi))


def collate(rows):
    longest = max(len(w) for w, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        ids[i, :len(w)] = torch.tensor([stoi[x] for x in w])
    return ids, torch.tensor([y for _, y in rows])


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.fc = nn.Linear(dim, 48)
        self.out = nn.Linear(48, n_tags)

    def forward(self, ids):
        h = torch.relu(self.fc(self.emb(ids)))
        h = h.masked_fill((ids == 0).unsqueeze(-1), 0.0)      # max over real words, h >= 0
        h = h.max(dim=1).values
        # fault:
        return torch.sigmoid(self.out(h))
        # mended:
        # return self.out(h)
        # end


model = Tagger(len(stoi), len(TAGS))
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()


def micro_f1(rows):
    model.eval()
    with torch.no_grad():
        ids, y = collate(rows)
        pred = (torch.sigmoid(model(ids)) > 0.5).float()
    tp = (pred * y).sum()
    return (2 * tp / (pred.sum() + y.sum())).item(), (pred == y).all(1).float().mean().item()


for epoch in range(6):
    model.train()
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 50):
        ids, y = collate(train[i:i + 50])
        loss = criterion(model(ids), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        running += loss.item()
    print("epoch %d  bce %.4f" % (epoch + 1, running / (len(train) / 50)))

print("train  micro-F1 %.3f  subset acc %.3f" % micro_f1(train))
print("held   micro-F1 %.3f  subset acc %.3f" % micro_f1(held))
