'''
Language of a 32-character window (en / de / fr / cs), Multi30k captions.
Small version of the language tagger for the keyboard team.
'''
import gzip, os
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(42)
np.random.seed(42)
DATA = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS = ['en', 'de', 'fr', 'cs']
WINDOW = 32
BATCH_SIZE = 32


def windows(split, lang, n):
    with gzip.open(f'{DATA}/{split}.{lang}.gz', 'rt', encoding='utf-8') as fh:
        text = ' '.join(l.strip().lower() for _, l in zip(range(1014), fh))
    starts = np.random.choice(len(text) - WINDOW, n, replace=False)
    return [text[s:s + WINDOW] for s in starts]


train_txt = {l: windows('train', l, 560) for l in LANGS}
valid_txt = {l: windows('val', l, 160) for l in LANGS}
alphabet = sorted(set(''.join(sum(train_txt.values(), []))))
lookup = {c: i + 1 for i, c in enumerate(alphabet)}


def tensors(d):
    x = torch.tensor([[lookup.get(c, 0) for c in w] for l in LANGS for w in d[l]])
    y = torch.tensor([i for i, l in enumerate(LANGS) for _ in d[l]])
    return TensorDataset(x, y)


train_dl = DataLoader(tensors(train_txt), batch_size=BATCH_SIZE, shuffle=True, drop_last=True)
valid_dl = DataLoader(tensors(valid_txt), batch_size=BATCH_SIZE, shuffle=True, drop_last=True)


class LangTagger(nn.Module):
    def __init__(self, n_chars, emb_dim=24, hidden=32):
        super().__init__()
        self.chars = nn.Embedding(n_chars + 1, emb_dim)
        self.lstm = nn.LSTM(emb_dim, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.1)
        self.classify = nn.Linear(2 * hidden, len(LANGS))

    def forward(self, x):
        states, _ = self.lstm(self.chars(x))
        # fault:
        summary = states.mean(dim=0)
        # mended:
        # summary = states.mean(dim=1)
        # end
        return self.classify(self.drop(summary))


model = LangTagger(len(alphabet))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)


def run(dl, train):
    model.train(train)
    loss_sum = hits = n = 0
    with torch.set_grad_enabled(train):
        for xb, yb in dl:
            out = model(xb)
            loss = loss_fn(out, yb)
            if train:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(yb)
            hits += (out.argmax(-1) == yb).sum().item()
            n += len(yb)
    return loss_sum / n, hits / n


for epoch in range(4):
    tl, ta = run(train_dl, True)
    vl, va = run(valid_dl, False)
    print(f'[{epoch}] train {tl:.3f} / {ta:.1%}   valid {vl:.3f} / {va:.1%}')
