"""Part-of-speech tagging with a bidirectional LSTM."""
import random

import torch
from torch import nn

random.seed(102)
torch.manual_seed(102)
LEX = {
    "DET": "the a this every".split(),
    "ADJ": "brave tiny loud yellow".split(),
    "NOUN": "fox watch train plant duck light".split(),
    "VERB": "sees paints watch plant duck light".split(),
    "ADV": "slowly often loudly".split(),
}
TAGS = list(LEX)
word_to_ix = {w: i + 1 for i, w in enumerate(sorted({w for ws in LEX.values() for w in ws}))}


def sentence():
    tags = ["DET"] + ["ADJ"] * random.randint(0, 1) + ["NOUN", "VERB", "DET"] + ["ADJ"] * random.randint(0, 1) + ["NOUN"]
    if random.random() < 0.5:
        tags.append("ADV")
    return [word_to_ix[random.choice(LEX[t])] for t in tags], [TAGS.index(t) for t in tags]


def batch(rows):
    n = max(len(w) for w, _ in rows)
    words = torch.tensor([w + [0] * (n - len(w)) for w, _ in rows])
    tags = torch.tensor([t + [-1] * (n - len(t)) for _, t in rows])
    return words, tags


class LSTMTagger(nn.Module):
    def __init__(self, dim=24, hidden=24):
        super().__init__()
        self.word_embeddings = nn.Embedding(len(word_to_ix) + 1, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.hidden2tag = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, words):
        n = (words != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.word_embeddings(words), n, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        # fault:
        return torch.log_softmax(self.hidden2tag(out), dim=1)
        # mended:
        # return torch.log_softmax(self.hidden2tag(out), dim=2)
        # end


train, dev = [sentence() for _ in range(1200)], batch([sentence() for _ in range(200)])
model = LSTMTagger()
nll = nn.NLLLoss(ignore_index=-1)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(3):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1200, 24):
        words, tags = batch(train[i : i + 24])
        loss = nll(model(words).flatten(0, 1), tags.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        words, tags = dev
        keep = tags != -1
        acc = (model(words).argmax(-1)[keep] == tags[keep]).float().mean().item()
    print(f"epoch {epoch + 1}  loss {total / 50:.4f}  dev tag accuracy {acc:.4f}")
