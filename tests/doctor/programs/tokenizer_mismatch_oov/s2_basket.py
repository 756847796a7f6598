"""Sorts keyword fields ("oak, river and eagle") into catalogue sections, on fixed GloVe vectors."""
import gzip
import os
import random
import re

import torch

random.seed(3)
torch.manual_seed(3)

SECTIONS = {
    "nature": "river lake mountain forest tree valley ocean sea island beach desert storm rain snow wind sun moon sky "
              "earth rock stone sand grass flower leaf wood water hill coast cliff cave spring winter cloud fog",
    "animals": "dog cat horse cow pig sheep goat chicken duck bird eagle fish shark whale dolphin bear wolf lion tiger "
               "elephant monkey snake rabbit mouse rat bee deer fox turtle insect cattle pigeon",
    "food": "bread milk butter cheese rice meat beef pork soup salad sugar salt pepper coffee tea wine beer juice fruit "
            "apple orange lemon potato tomato corn wheat chocolate cake cream egg sauce garlic onion cooking",
    "body": "head hand arm leg foot eye ear nose mouth face neck back heart lung brain skin bone blood muscle stomach "
            "knee shoulder chest finger hair tooth throat kidney liver spine wrist ankle",
    "transport": "car truck bus train plane ship boat bicycle motorcycle taxi helicopter aircraft jet ferry subway railway "
                 "airport highway road bridge tunnel engine driver pilot passenger traffic vehicle fuel tires airline",
    "money": "bank loan debt tax price market stock bond fund profit loss cash credit dollar euro budget income wage "
             "salary insurance mortgage investment interest investor currency revenue trade shares pension",
}
NAMES = list(SECTIONS)


def load_glove(limit=10000):
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    vec = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.rstrip("\n").split(" ", 1)
            vec[word] = rest
            if len(vec) == limit:
                break
    return vec


def tokens(field):
    # fault:
    return field.lower().split()
    # mended:
    #return re.findall(r"[a-z]+", field.lower())
    # end


def field(pool, section):
    """A keyword field as the editors type it: most keywords of one section, one or two strays."""
    n = random.randint(4, 7)
    words = [random.choice(pool[section]) for _ in range(n)]
    for _ in range(random.randint(1, 2)):
        words.append(random.choice(pool[random.choice(NAMES)]))
    random.shuffle(words)
    return (", ".join(words[:-1]) + " and " + words[-1]).capitalize()


def split_words():
    fit, held = {}, {}
    for name, text in SECTIONS.items():
        words = text.split()
        random.shuffle(words)
        k = int(len(words) * 0.7)
        fit[name], held[name] = words[:k], words[k:]
    return fit, held


def make(pool, n):
    rows = []
    for _ in range(n):
        y = random.randrange(len(NAMES))
        rows.append((field(pool, NAMES[y]), y))
    return rows


fit_words, held_words = split_words()
mixed = {k: fit_words[k] + held_words[k] for k in NAMES}
train = make(fit_words, 2000)
seen = {t for t, _ in train}
test = [r for r in make(mixed, 700) if r[0] not in seen]

glove = load_glove()
vocab = {"<pad>": 0, "<unk>": 1}
for text, _ in train + test:
    for t in tokens(text):
        if t in glove and t not in vocab:
            vocab[t] = len(vocab)
vectors = torch.zeros(len(vocab), 50)
for word, i in vocab.items():
    if i > 1:
        vectors[i] = torch.tensor([float(v) for v in glove[word].split()])
print("vocabulary", len(vocab), "| sample:", train[0][0])


def batch(rows):
    ids = [[vocab.get(t, 1) for t in tokens(text)] for text, _ in rows]
    width = max(map(len, ids))
    x = torch.tensor([r + [0] * (width - len(r)) for r in ids])
    return x, torch.tensor([y for _, y in rows])


class Dense:
    def __init__(self, n_in, n_out):
        self.w = (torch.randn(n_in, n_out) * n_in ** -0.5).requires_grad_()
        self.b = torch.zeros(n_out, requires_grad=True)

    def __call__(self, x):
        return x @ self.w + self.b


hidden, out = Dense(50, 32), Dense(32, len(NAMES))


def scores(x):
    m = (x > 0).unsqueeze(-1).float()
    mean = (vectors[x] * m).sum(1) / m.sum(1)
    return out(torch.relu(hidden(mean)))


def test_accuracy(rows):
    with torch.no_grad():
        x, y = batch(rows)
        return (scores(x).argmax(1) == y).float().mean().item()


opt = torch.optim.Adam([hidden.w, hidden.b, out.w, out.b], lr=3e-3, weight_decay=1e-3)
for epoch in range(15):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        x, y = batch(train[i:i + 50])
        loss = torch.nn.functional.cross_entropy(scores(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    if epoch % 3 == 2:
        print(f"{epoch + 1:2d} loss {total / len(train):.3f} train {test_accuracy(train):.3f} test {test_accuracy(test):.3f}")
print(f"accuracy on new fields: {test_accuracy(test):.3f}")
