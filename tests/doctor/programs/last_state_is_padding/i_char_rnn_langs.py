"""Character RNN: German, French or Czech word? (after the PyTorch names tutorial, but in batches)"""
import os, re, gzip, random
import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)
categories = ["de", "fr", "cs"]
MAX_LETTERS = 32            # room for the longest German compounds


def words_of(lang):
    with gzip.open(f"{os.environ['WORDFIT_DATA']}/seq2seq/multi30k/train.{lang}.gz", "rt", encoding="utf-8") as f:
        return set(re.findall(r"[^\W\d_]{3,32}", f.read().lower()))


found = {c: words_of(c) for c in categories}
samples = []
for c in categories:
    rest = set.union(*(found[k] for k in categories if k != c))
    samples += [(w, categories.index(c)) for w in random.sample(sorted(found[c] - rest), 1300)]
random.shuffle(samples)
letters = {ch: i + 1 for i, ch in enumerate(sorted({ch for w, _ in samples for ch in w}))}


def encode(word):
    return [letters[ch] for ch in word] + [0] * (MAX_LETTERS - len(word))


x = torch.tensor([encode(w) for w, _ in samples])
n = torch.tensor([len(w) for w, _ in samples])
y = torch.tensor([c for _, c in samples])
split = 3200


class CharRNN(nn.Module):
    def __init__(self, n_letters, n_hidden, n_out):
        super().__init__()
        self.embed = nn.Embedding(n_letters, 20, padding_idx=0)
        self.rnn = nn.RNN(20, n_hidden, batch_first=True)
        self.h2o = nn.Linear(n_hidden, n_out)

    def forward(self, letters, lengths):
        out, hn = self.rnn(self.embed(letters))
        # fault:
        last = out[:, -1]
        # mended:
        # last = out[torch.arange(len(lengths)), lengths - 1]
        # end
        return self.h2o(last)


model = CharRNN(len(letters) + 1, 48, len(categories))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.4)


def evaluate(lo, hi):
    model.eval()
    with torch.no_grad():
        right = (model(x[lo:hi], n[lo:hi]).argmax(1) == y[lo:hi]).float().mean().item()
    model.train()
    return right


for epoch in range(1, 6):
    current_loss = 0
    order = torch.randperm(split)
    for k in range(0, split, 32):
        idx = order[k:k + 32]
        loss = criterion(model(x[idx], n[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        current_loss += loss.item() * len(idx)
    scheduler.step()
    print(f"{epoch} ({epoch * 20}%): avg batch loss = {current_loss / split:.4f}, train {evaluate(0, 800):.3f}, test {evaluate(split, len(x)):.3f}")
