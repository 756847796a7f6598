# Which language is this tweet? 6 languages (UMSAB), a convolution over characters.
import os, re, random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(4)
random.seed(4)
base = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
langs = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish']


def clean(s):
    s = re.sub(r'@user|http\S*|#\w+', ' ', s.lower())
    return ' '.join(re.findall(r'[^\W\d_]+', s))[:32]


def load(split, cap):
    data = []
    for k, lang in enumerate(langs):
        lines = open(os.path.join(base, lang, split + '_text.txt'), encoding='utf-8').read().split('\n')
        data += [(c, k) for c in dict.fromkeys(clean(l) for l in lines[:cap]) if len(c) > 12]
    return data


train, test = load('train', 900), load('test', 300)
seen = {t for t, _ in train}
test = [d for d in test if d[0] not in seen]
alphabet = {c: i + 1 for i, c in enumerate(sorted({c for t, _ in train for c in t}))}


def collate(batch):
    xs = [torch.tensor([alphabet.get(c, 0) for c in t]) for t, _ in batch]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([k for _, k in batch])


class LangId(nn.Module):
    def __init__(self, n_chars, n_lang):
        super().__init__()
        self.chars = nn.Embedding(n_chars + 1, 16)
        self.conv = nn.Conv1d(16, 48, 3, padding=1)
        self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(48, n_lang))

    def forward(self, x, lens):
        h = torch.relu(self.conv(self.chars(x).transpose(1, 2)))
        keep = torch.arange(x.size(1))[None] < lens[:, None]
        h = h.masked_fill(~keep[:, None], 0.).amax(-1)
        # fault:
        return torch.softmax(self.head(h), dim=-1)
        # mended:
        # return torch.log_softmax(self.head(h), dim=-1)
        # end


loader = DataLoader(train, batch_size=48, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test, batch_size=256, collate_fn=collate)
model = LangId(len(alphabet), len(langs))
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.08, momentum=0.9)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)


@torch.no_grad()
def evaluate(dl):
    model.eval()
    n = ok = tot = 0
    for x, l, y in dl:
        out = model(x, l)
        tot += criterion(out, y).item() * len(y)
        ok += (out.argmax(1) == y).sum().item()
        n += len(y)
    return tot / n, ok / n


for ep in range(6):
    model.train()
    s = 0
    for x, l, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x, l), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        s += loss.item()
    scheduler.step()
    vl, va = evaluate(test_loader)
    print('epoch %d  train loss %.3f  test loss %.3f  test acc %.3f' % (ep + 1, s / len(loader), vl, va))
print('train acc %.3f (%d tweets), test %d tweets' % (evaluate(loader)[1], len(train), len(test)))
