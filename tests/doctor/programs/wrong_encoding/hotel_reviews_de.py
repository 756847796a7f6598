# %% [markdown]
# German hotel reviews, vectors trained elsewhere.

# %%
import itertools
import pathlib
import random
import tempfile

import torch
import torch.nn.functional as F

torch.manual_seed(0)
random.seed(0)

# %%
praise = """schön gemütlich großzügig köstlich fröhlich höflich natürlich süß vergnügt kühl günstig bekömmlich
verläßlich tüchtig königlich gepflegt freundlich prächtig ähnlich würzig hübsch löblich betörend entzückend vorzüglich""".split()
blame = """häßlich öde schäbig unhöflich übel müde ungemütlich träge mürrisch dürftig überfüllt spärlich ärgerlich
gräßlich fürchterlich unschön kläglich störend schäumend trüb düster unmöglich überteuert dämlich unverschämt""".split()
neutral = """das der die ein war ist wir zimmer hotel bett bad und aber mit fenster personal garten see stadt abend morgen
lage straße frühstück tür küche gäste schlüssel auto weg am im sehr recht ganz dort hier nacht woche""".split()

gen = torch.Generator().manual_seed(4)
direction = F.normalize(torch.randn(25, generator=gen), dim=0)


def sample_vector(sign):
    return torch.randn(25, generator=gen) * 0.35 + sign * direction


vec_path = pathlib.Path(tempfile.mkdtemp()) / "de.25d.txt"
with open(vec_path, "w", encoding="utf-8") as f:
    for sign, words in ((1, praise), (-1, blame), (0, neutral)):
        for w in words:
            print(w, *(f"{v:.4f}" for v in sample_vector(sign).tolist()), file=f)

# %%
def review(label, pool):
    n = random.randint(6, 15)
    words = [random.choice(neutral) for _ in range(n)]
    for position in random.sample(range(n), k=2 + n // 5):
        words[position] = random.choice(pool[label])
    return " ".join(words)


seen = (blame[:14], praise[:14])
fresh = (blame[10:], praise[10:])
train = [(review(y, seen), y) for y in itertools.islice(itertools.cycle([0, 1]), 240)]
dev = [(review(y, fresh), y) for y in itertools.islice(itertools.cycle([0, 1]), 300)]

# %%
vectors = {}
# fault:
with open(vec_path, encoding="latin-1") as f:
# mended:
# with open(vec_path, encoding="utf-8") as f:
# end
    for line in f:
        word, *numbers = line.split()
        vectors[word] = torch.tensor([float(x) for x in numbers])

vocab = ["<pad>", "<unk>"] + sorted(vectors)
stoi = {w: i for i, w in enumerate(vocab)}
table = torch.stack([torch.zeros(25), torch.stack(list(vectors.values())).mean(0)] + [vectors[w] for w in vocab[2:]])


def batchify(pairs):
    rows = [[stoi.get(w, 1) for w in text.split()] for text, _ in pairs]
    width = max(len(r) for r in rows)
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
    return ids, torch.tensor([y for _, y in pairs])


# %%
W = torch.zeros(25, 2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.Adagrad([W, b], lr=0.3)


def forward(ids):
    emb = F.embedding(ids, table)
    mask = ids.ne(0).unsqueeze(2)
    return (emb * mask).sum(1) / mask.sum(1) @ W + b


for epoch in range(12):
    random.shuffle(train)
    losses = []
    for start in range(0, len(train), 24):
        ids, y = batchify(train[start:start + 24])
        loss = F.cross_entropy(forward(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(epoch, sum(losses) / len(losses))

# %%
with torch.no_grad():
    ids, y = batchify(dev)
    print("dev accuracy", (forward(ids).argmax(1) == y).float().mean().item())
