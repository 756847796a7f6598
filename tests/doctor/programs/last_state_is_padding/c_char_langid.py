import gzip, os, random, string
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader

# language identification from a few words, characters only
torch.manual_seed(77); random.seed(77)
LANGS = ['cs', 'de', 'en', 'fr']
MAX_CHARS = 40
base = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')

def snippets(split, per_lang):
    out = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(base, f'{split}.{lang}.gz'), 'rt', encoding='utf-8') as f:
            lines = f.read().lower().split('\n')
        for line in random.sample([l for l in lines if l.strip()], per_lang):
            w = line.strip(' .').split()
            n = random.randint(1, 6)
            s = random.randrange(max(1, len(w) - n))
            out.append((' '.join(w[s:s + n])[:MAX_CHARS], k))
    random.shuffle(out)
    return out

train, valid = snippets('train', 1100), snippets('val', 250)
chars = sorted({c for t, _ in train for c in t})
c2i = {c: i + 2 for i, c in enumerate(chars)}      # 0 pad, 1 unknown

def tensorize(rows):
    x = torch.zeros(len(rows), MAX_CHARS, dtype=torch.long)
    for r, (t, _) in enumerate(rows):
        for j, c in enumerate(t):
            x[r, j] = c2i.get(c, 1)
    return TensorDataset(x, torch.tensor([len(t) for t, _ in rows]), torch.tensor([k for _, k in rows]))

class LangID(nn.Module):
    def __init__(self, n_chars, emb=24, hid=40):
        super().__init__()
        self.char_emb = nn.Embedding(n_chars, emb, padding_idx=0)
        self.lstm = nn.LSTM(emb, hid, batch_first=True)
        self.classifier = nn.Linear(hid, len(LANGS))

    def forward(self, x, lengths):
        states, _ = self.lstm(self.char_emb(x))
        # fault:
        final = states[:, -1]
        # mended:
        # final = states[torch.arange(len(x)), lengths - 1]
        # end
        return self.classifier(final)

net = LangID(len(c2i) + 2)
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
tr = DataLoader(tensorize(train), batch_size=80, shuffle=True)
va = DataLoader(tensorize(valid), batch_size=500)
for epoch in range(4):
    net.train()
    run = 0.0
    for x, n, y in tr:
        loss = F.cross_entropy(net(x, n), y)
        optimizer.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimizer.step()
        run += loss.item()
    net.eval()
    with torch.no_grad():
        hits = torch.cat([net(x, n).argmax(1) == y for x, n, y in va]).float().mean().item()
    print(f'[{epoch + 1}] loss={run / len(tr):.3f}  valid accuracy={hits:.3f}')
with torch.no_grad():
    for t, k in valid[:4]:
        x, n, _ = tensorize([(t, k)]).tensors
        print(repr(t), LANGS[k], '->', LANGS[net(x, n).argmax().item()])
