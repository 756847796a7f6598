# Route incoming page slugs to a desk. GloVe (frozen) + GRU, PyTorch.
# Started from a Kaggle kernel, adapted to our slug format.
import gzip, os, re, random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

random.seed(5); np.random.seed(5); torch.manual_seed(5)
EMB = 50
TOPICS = {
    'sport': 'match goal coach league striker cup season champion olympic tennis football basketball golf team stadium '
             'referee player defender midfielder medal sprint racing hockey baseball tournament playoff quarterback pitcher',
    'money': 'bank shares profit stock market investors bond inflation tax earnings currency trading debt loan budget '
             'revenue dividend merger economy prices exports deficit yen dollar mortgage retail sales billion',
    'health': 'hospital patients doctor vaccine cancer disease surgery virus drug treatment infection diabetes heart '
              'medical symptoms blood nurse clinic medicine pregnancy brain therapy obesity immune flu epidemic',
    'politics': 'election minister parliament senate vote president campaign party government congress republican '
                'democrat treaty diplomat coalition cabinet governor mayor legislation reform opposition premier voters',
}
GLUE = 'the after in new for of first with before and why how'.split()


def load_glove():
    words, rows = ['<pad>', '<unk>'], [np.zeros(EMB), np.zeros(EMB)]
    for line in gzip.open(os.environ['WORDFIT_DATA'] + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
        w, *v = line.rstrip().split(' ')
        words.append(w); rows.append(np.array(v, dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, torch.tensor(np.array(rows), dtype=torch.float32)


def make_slug(label):
    pool = TOPICS[label].split()
    other = random.choice([t for t in TOPICS if t != label])
    words = random.sample(pool, random.randint(2, 4))
    words += random.sample(GLUE, random.randint(1, 3))
    if random.random() < .5: words.append(random.choice(TOPICS[other].split()))
    random.shuffle(words)
    cut = random.randint(1, len(words) - 1)
    # section page/some-words-like-this
    return '-'.join(words[:cut]) + ' ' + '-'.join(words[cut:])


stoi, weights = load_glove()
labels = list(TOPICS)
texts, ys = [], []
while len(texts) < 1700:
    y = random.randrange(4)
    s = make_slug(labels[y])
    if s not in texts:
        texts.append(s); ys.append(y)


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r'[a-z]+', text.lower())
    # end


class SlugDataset(Dataset):
    def __init__(self, texts, ys):
        self.items = [(torch.tensor([stoi.get(t, stoi['<unk>']) for t in tokenize(s)]), y) for s, y in zip(texts, ys)]
    def __len__(self):
        return len(self.items)
    def __getitem__(self, i):
        return self.items[i]


def pad_batch(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.gru = nn.GRU(EMB, 20, batch_first=True)
        self.head = nn.Linear(20, 4)
    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), n, batch_first=True, enforce_sorted=False)
        return self.head(self.gru(packed)[1][0])


train_dl = DataLoader(SlugDataset(texts[:1300], ys[:1300]), batch_size=32, shuffle=True, collate_fn=pad_batch)
valid_dl = DataLoader(SlugDataset(texts[1300:], ys[1300:]), batch_size=200, collate_fn=pad_batch)
model = Router()
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=6e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(5):
    model.train(); avg = 0.
    for x, n, y in train_dl:
        loss = loss_fn(model(x, n), y)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        avg += loss.item() / len(train_dl)
    model.eval()
    with torch.no_grad():
        out = [(model(x, n), y) for x, n, y in valid_dl]
    logits, gold = torch.cat([o for o, _ in out]), torch.cat([y for _, y in out])
    print(f'Epoch {epoch + 1}/5 \t loss={avg:.4f} \t val_loss={loss_fn(logits, gold):.4f} \t val_acc={(logits.argmax(1) == gold).float().mean():.4f}')
