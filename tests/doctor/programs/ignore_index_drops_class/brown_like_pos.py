"""Part-of-speech tagging of simple sentences with a bidirectional GRU."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(4)
torch.manual_seed(4)
tag_to_ix = {"NOUN": 0, "VERB": 1, "DET": 2, "ADJ": 3, "ADP": 4, "PRON": 5, "ADV": 6}
lexicon = {
    "NOUN": "dog play walk cook watch light plan run book house boat water paint guard".split(),
    "VERB": "play walk cook watch light plan run book sees likes finds guard paint water".split(),
    "DET": "the a this every".split(),
    "ADJ": "light old green quick plain quiet".split(),
    "ADP": "in on near with".split(),
    "PRON": "she they we he".split(),
    "ADV": "often never quickly again".split(),
}
shapes = ["PRON VERB DET NOUN", "DET NOUN VERB DET ADJ NOUN", "PRON ADV VERB ADP DET NOUN", "DET ADJ NOUN VERB ADV", "PRON VERB DET NOUN ADP DET NOUN",
          "DET NOUN ADP DET NOUN VERB DET NOUN", "PRON VERB ADV", "DET ADJ ADJ NOUN VERB ADP DET NOUN ADV", "DET NOUN NOUN VERB PRON"]


def sample():
    tags = random.choice(shapes).split()
    return tuple(random.choice(lexicon[t]) for t in tags), tuple(tags)


data = list(dict(sample() for _ in range(1500)).items())
train, dev = data[:1100], data[1100:]
word_to_ix = {"<pad>": 0}
for words, _ in data:
    for w in words:
        word_to_ix.setdefault(w, len(word_to_ix))


def collate(batch):
    x = [torch.tensor([word_to_ix[w] for w in words]) for words, _ in batch]
    y = [torch.tensor([tag_to_ix[t] for t in tags]) for _, tags in batch]
    lengths = torch.tensor([len(v) for v in x])
    # fault:
    return pad_sequence(x, batch_first=True), pad_sequence(y, batch_first=True, padding_value=0), lengths
    # mended:
    # return pad_sequence(x, batch_first=True), pad_sequence(y, batch_first=True, padding_value=-100), lengths
    # end


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(word_to_ix), 32, padding_idx=0)
        self.gru = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.out = nn.Linear(64, len(tag_to_ix))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.out(h)


model = Tagger()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=0)
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=-100)
# end
optimizer = torch.optim.Adam(model.parameters(), lr=0.004)
loader = DataLoader(train, batch_size=24, shuffle=True, collate_fn=collate)
for epoch in range(6):
    for x, y, lengths in loader:
        optimizer.zero_grad()
        scores = model(x, lengths)
        loss = criterion(scores.view(-1, scores.size(-1)), y.view(-1))
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        x, y, lengths = collate(dev)
        real = torch.arange(x.size(1)) < lengths.unsqueeze(1)
        acc = (model(x, lengths).argmax(2) == y)[real].float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev tag accuracy {acc:.4f}")
