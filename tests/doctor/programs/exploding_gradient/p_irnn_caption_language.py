"""IRNN (Le, Jaitly & Hinton 2015: ReLU units, identity recurrence) reading captions letter by letter."""
import gzip
import os
import torch
from torch import nn

torch.manual_seed(10)
root = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
langs = ['cs', 'de', 'en', 'fr']
letters = " abcdefghijklmnopqrstuvwxyzäöüßéèàâçáíóúêěščřžýůťďň'"
T = 40


def read(split, n):
    xs, ys = [], []
    for k, lang in enumerate(langs):
        with gzip.open(root + f'{split}.{lang}.gz', 'rt', encoding='utf-8') as f:
            lines = f.read().split('\n')[:n]
        for line in lines:
            s = [letters.index(c) for c in line.lower() if c in letters]
            if len(s) >= T:                                   # all sequences have T letters, no padding
                xs.append(s[:T]); ys.append(k)
    return torch.tensor(xs), torch.tensor(ys)


x_train, y_train = read('train', 560)
x_test, y_test = read('val', 200)
print(len(x_train), 'train', len(x_test), 'test')


class IRNN(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.emb = nn.Embedding(len(letters), 24)
        self.rnn = nn.RNN(24, hidden, nonlinearity='relu', batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.05)
        nn.init.zeros_(self.rnn.bias_hh_l0)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        self.out = nn.Linear(hidden, len(langs))

    def forward(self, x):
        _, h = self.rnn(self.emb(x))
        return self.out(h[0])


model = IRNN()
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
ce = nn.CrossEntropyLoss()

for epoch in range(8):
    model.train()
    losses = []
    for idx in torch.randperm(len(x_train)).split(32):
        opt.zero_grad()
        loss = ce(model(x_train[idx]), y_train[idx])
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # end
        opt.step()
        losses.append(loss.item())
    sched.step()
    model.eval()
    with torch.no_grad():
        tr, te = model(x_train), model(x_test)
    print(f'epoch {epoch}: mean loss {sum(losses) / len(losses):.3f} largest {max(losses):.3f} '
          f'train acc {(tr.argmax(1) == y_train).float().mean():.3f} test acc {(te.argmax(1) == y_test).float().mean():.3f}')
