"""Named entities with tag indices built from the data."""
import random

import torch
from torch import nn

random.seed(113)
torch.manual_seed(113)
FIRST = "anna marco lena pedro yuki".split()
LAST = "smith costa meyer tanaka novak".split()
PLACE = "london madrid geneva kyoto prague".split()
ORG = "acme globex initech umbrella hooli".split()
VERB = "visited joined left praised sued founded".split()


def sentence():
    toks, tags = [random.choice(FIRST), random.choice(LAST)], ["PER", "PER"]
    toks += [random.choice(VERB)]
    tags += ["O"]
    if random.random() < 0.6:
        toks += ["the", "company", random.choice(ORG)]
        tags += ["O", "O", "ORG"]
    toks += ["in", random.choice(PLACE)]
    tags += ["O", "LOC"]
    return toks, tags


corpus = [sentence() for _ in range(1400)]
word_ids = {"<pad>": 0}
tag_ids = {}
for toks, tags in corpus:
    for w, t in zip(toks, tags):
        word_ids.setdefault(w, len(word_ids))
        tag_ids.setdefault(t, len(tag_ids))
# fault:
PAD_TAG = 0
# mended:
# PAD_TAG = -100
# end


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([word_ids[w] for w in t]) for t, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([tag_ids[g] for g in g_]) for _, g_ in rows], batch_first=True, padding_value=PAD_TAG)
    return x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(word_ids), 20, padding_idx=0)
        self.gru = nn.GRU(20, 20, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(40, len(tag_ids))

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.fc(self.drop(h))


loader = torch.utils.data.DataLoader(corpus[:1100], batch_size=22, shuffle=True, collate_fn=collate)
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD_TAG)
for epoch in range(4):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x).transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / len(loader):.4f}")
model.eval()
right = count = 0
with torch.no_grad():
    for toks, tags in corpus[1100:]:
        guess = model(torch.tensor([[word_ids[w] for w in toks]])).argmax(-1)[0].tolist()
        right += sum(g == tag_ids[t] for g, t in zip(guess, tags))
        count += len(tags)
print("test token accuracy", round(right / count, 4))
