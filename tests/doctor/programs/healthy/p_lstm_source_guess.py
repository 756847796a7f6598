# Guess where a snippet comes from (newswire / film review / encyclopaedia) with an LSTM on GloVe vectors
import gzip, os, re, random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(1234)
torch.manual_seed(1234)
base = os.environ['WORDFIT_DATA'] + '/'
classes = {'news': ('corpora/reuters-21578-bodies.txt.gz', '\n\n'),
           'film': ('corpora/imdb-unsup-25k.txt.gz', '\n'),
           'wiki': ('corpora/enwiki-2018-sample.txt.gz', '\n\n')}


def snippets(path, sep, how_many):
    with gzip.open(base + path, 'rt', encoding='utf-8') as f:
        text = f.read(1_500_000)
    out = []
    for piece in text.split(sep):
        toks = re.findall(r"[a-z]+|[0-9]+|[.,;:()!?]", piece.replace('<br />', ' ')[:300].lower())
        if len(toks) > 24:
            out.append(toks[4:random.randint(14, 24)])
    return out[:how_many]


data = []
for label, (name, (path, sep)) in enumerate(classes.items()):
    s = snippets(path, sep, 700)
    print(name, len(s))
    data += [(x, label) for x in s]
random.shuffle(data)
cut = int(len(data) * .8)
train, test = data[:cut], data[cut:]

# vectors: <pad> zeros, <unk> the mean of all
emb_words, emb_rows = {}, []
with gzip.open(base + 'vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        p = line.rstrip('\n').split(' ')
        emb_words[p[0]] = len(emb_rows) + 2
        emb_rows.append([float(v) for v in p[1:]])
mat = torch.tensor(emb_rows)
mat = torch.cat([torch.zeros(1, 50), mat.mean(0, keepdim=True), mat])


def collate(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    x = [torch.tensor([emb_words.get(w, 1) for w in r[0]]) for r in rows]
    return pad_sequence(x, batch_first=True), torch.tensor([len(v) for v in x]), torch.tensor([r[1] for r in rows])


class LSTMClassifier(nn.Module):
    def __init__(self, vectors, hidden, n_out):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(50, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(hidden, n_out)

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.dropout(self.embedding(x)), lens, batch_first=True)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.dropout(h[-1]))


model = LSTMClassifier(mat, 32, len(classes))
params = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(params, lr=5e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.4)
loss_fn = nn.CrossEntropyLoss()


def run(rows, training):
    model.train(training)
    if training:
        random.shuffle(rows)
    loss_sum = correct = 0
    for i in range(0, len(rows), 64):
        x, lens, y = collate(rows[i:i + 64])
        with torch.set_grad_enabled(training):
            out = model(x, lens)
            loss = loss_fn(out, y)
        if training:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (out.argmax(1) == y).sum().item()
    return loss_sum / len(rows), correct / len(rows)


for epoch in range(5):
    tl, ta = run(train, True)
    vl, va = run(test, False)
    scheduler.step()
    print(f'Epoch {epoch + 1}: train loss {tl:.3f} acc {ta:.3f} | test loss {vl:.3f} acc {va:.3f}')
