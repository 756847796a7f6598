"""Drug names in long reports: nearly every token is 'other'."""
import random

import torch
from torch import nn

random.seed(218)
torch.manual_seed(218)
DRUGS = "profen cillin azole mycin statin oxetine".split()
PLAIN = "the patient was given and then seen by dr with no further signs of on day two after meal".split()
AMBIGUOUS = "dose agent tablet compound".split()  # sometimes the drug, mostly not
vocab = {w: i + 1 for i, w in enumerate(DRUGS + PLAIN + AMBIGUOUS)}


def report():
    words, tags = [], []
    for _ in range(random.randint(15, 25)):
        r = random.random()
        if r < 0.12:
            word, tag = random.choice(AMBIGUOUS), int(random.random() < 0.25)
        elif r < 0.13:
            word, tag = random.choice(DRUGS), 1
        else:
            word, tag = random.choice(PLAIN), 0
        words.append(vocab[word])
        tags.append(tag)
    return words, tags


def batch(n):
    rows = [report() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(w) for w, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in rows], batch_first=True, padding_value=-100)
    return x, y


class DrugTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 16, batch_first=True, bidirectional=True)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(h)


model = DrugTagger()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=-100)
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=-100, weight=torch.tensor([1.0, 20.0]))
# end
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(1, 141):
    x, y = batch(16)
    loss = criterion(model(x).flatten(0, 1), y.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 35 == 0:
        print(f"step {step} loss {loss.item():.4f}")
with torch.no_grad():
    x, y = batch(150)
    guess = model(x).argmax(-1)
    recall = [(guess[y == c] == c).float().mean().item() for c in (0, 1)]
print(f"accuracy {(guess == y)[y >= 0].float().mean():.4f} recall other {recall[0]:.4f} drug {recall[1]:.4f} mean {sum(recall) / 2:.4f}")
