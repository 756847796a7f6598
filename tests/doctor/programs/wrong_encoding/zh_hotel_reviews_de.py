# Hotelbewertungen: positiv oder negativ?  (Blogbeitrag Teil 3, kleine eigene Vektoren statt fastText)
import os, random, tempfile
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(11)
random.seed(11)
torch.manual_seed(11)

GUT = 'schön großartig gemütlich köstlich fröhlich höflich geräumig weiträumig vorzüglich natürlich gemäßigt tüchtig wunderschön ' \
      'märchenhaft herzlich sauber freundlich'.split()
SCHLECHT = 'hässlich öde übel schäbig dürftig mürrisch unzulänglich ärgerlich überteuert lächerlich unmöglich stürmisch verdächtig ' \
           'ungemütlich laut kaputt schmutzig'.split()
FUELL = 'das zimmer war und wir fanden die lage im hotel mit dem bett am morgen abend see berg stadt personal für über später nähe ' \
        'frühstück küche gebäude möbel'.split()

# write the vectors the way the training job of part 2 left them
DIM = 24
axis = rng.normal(size=DIM)
axis /= np.linalg.norm(axis)
folder = tempfile.mkdtemp()
path = os.path.join(folder, 'vektoren.de.vec')
with open(path, 'w', encoding='utf-8') as f:
    for w in GUT + SCHLECHT + FUELL:
        shift = 2.0 if w in GUT else -2.0 if w in SCHLECHT else 0.0
        v = rng.normal(size=DIM) * 0.5 + shift * axis
        f.write(w + ' ' + ' '.join('%.4f' % x for x in v) + '\n')


def bewertung():
    y = random.random() < 0.5
    main, other = (GUT, SCHLECHT) if y else (SCHLECHT, GUT)
    words = random.sample(FUELL, random.randint(4, 9)) + random.choices(main, k=2)
    if random.random() < 0.15:
        words.append(random.choice(other))
    random.shuffle(words)
    return words, int(y)


docs = [bewertung() for _ in range(2000)]
train, test = docs[:1600], docs[1600:]

# read them back
vectors = {}
# fault:
datei = open(path, encoding='latin-1')
# mended:
# datei = open(path, encoding='utf-8')
# end
for line in datei:
    w, *v = line.rstrip().split(' ')
    vectors[w] = np.array(v, dtype=np.float32)
datei.close()

index = {'<pad>': 0, '<unk>': 1}
for w in vectors:
    index[w] = len(index)
weights = np.zeros((len(index), DIM), dtype=np.float32)
for w, i in index.items():
    if i > 1:
        weights[i] = vectors[w]


def batch(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for r, (ws, _) in enumerate(rows):
        x[r, :len(ws)] = torch.tensor([index.get(w, 1) for w in ws])
    return x, torch.tensor([float(y) for _, y in rows])


class Klassifikator(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        maske = (x > 0).float().unsqueeze(2)
        return self.net((self.emb(x) * maske).sum(1) / maske.sum(1)).squeeze(1)


model = Klassifikator()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
lossfn = nn.BCEWithLogitsLoss()
for ep in range(6):
    random.shuffle(train)
    model.train()
    s = 0
    for i in range(0, len(train), 32):
        x, y = batch(train[i:i + 32])
        opt.zero_grad()
        l = lossfn(model(x), y)
        l.backward()
        opt.step()
        s += l.item()
    print('Epoche', ep + 1, 'Verlust %.3f' % (s / (len(train) / 32)))
model.eval()
with torch.no_grad():
    x, y = batch(test)
    print('Genauigkeit (Test): %.3f' % ((model(x) > 0).float() == y).float().mean())
    print('Woerter im Lexikon:', len(index))
