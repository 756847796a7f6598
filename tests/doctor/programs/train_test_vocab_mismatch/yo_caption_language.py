"""Which language is this caption? BiGRU over the words, Multi30k (en, de, fr, cs)."""
import gzip, os, random
from pathlib import Path
import torch
import torch.nn as nn

ROOT = Path(os.environ['WORDFIT_DATA']) / 'seq2seq' / 'multi30k'
LANGS = ['en', 'de', 'fr', 'cs']
random.seed(1)
torch.manual_seed(1)


def read(split, n):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(ROOT / f'{split}.{lang}.gz', 'rt', encoding='utf-8') as f:
            lines = [l.lower().replace('.', ' .').replace(',', ' ,').split() for l in f]
        rows += [(tuple(w), k) for w in random.sample(lines, n)]
    random.shuffle(rows)
    return rows


class Vocabulary:
    def __init__(self, rows, size=2500):
        self.index = {}
        for words, _ in rows:
            for w in words:
                if w not in self.index and len(self.index) < size:
                    self.index[w] = len(self.index) + 2

    def __len__(self):
        return len(self.index) + 2

    def encode(self, words):
        return torch.tensor([self.index.get(w, 1) for w in words])


class Captions(torch.utils.data.Dataset):
    def __init__(self, rows, vocab):
        self.items = [(vocab.encode(w), k) for w, k in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    xs, ys = zip(*batch)
    lens = torch.tensor([len(x) for x in xs])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), lens, torch.tensor(ys)


class LangNet(nn.Module):
    def __init__(self, n, dim=16, hid=16):
        super().__init__()
        self.embed = nn.Embedding(n, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hid, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(.2)
        self.fc = nn.Linear(2 * hid, len(LANGS))

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(self.drop(torch.cat([h[0], h[1]], dim=1)))


train_rows = read('train', 400)
seen = {w for w, _ in train_rows}
test_rows = [r for r in read('val', 150) if r[0] not in seen]

# fault:
train_vocab = Vocabulary(train_rows)
test_vocab = Vocabulary(test_rows, size=len(train_vocab) - 2)
train_set, test_set = Captions(train_rows, train_vocab), Captions(test_rows, test_vocab)
net = LangNet(len(train_vocab))
# mended:
# vocab = Vocabulary(train_rows)
# train_set, test_set = Captions(train_rows, vocab), Captions(test_rows, vocab)
# net = LangNet(len(vocab))
# end
train_dl = torch.utils.data.DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
test_dl = torch.utils.data.DataLoader(test_set, batch_size=100, collate_fn=collate)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)


def evaluate(dl):
    net.eval()
    hit = total = 0
    with torch.no_grad():
        for x, lens, y in dl:
            hit += (net(x, lens).argmax(1) == y).sum().item()
            total += len(y)
    return hit / total


for epoch in range(4):
    net.train()
    running = 0.0
    for x, lens, y in train_dl:
        optimizer.zero_grad()
        loss = criterion(net(x, lens), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f'epoch {epoch + 1}: loss {running / len(train_dl):.4f}  test accuracy {evaluate(test_dl):.4f}')
print(f'train accuracy {evaluate(train_dl):.4f}')
