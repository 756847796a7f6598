"""Section of a headline from fixed word vectors. The vector file is cased, most frequent spelling first
(word, Word, WORD); rare spellings were seen a few times only, so their vectors are poor."""
import os
import random
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(23)
random.seed(23)
torch.manual_seed(23)
DIM, SECTIONS = 40, ["politics", "science", "culture", "economy", "weather"]

syll = "ba ke lo mi nu ra se ti vo za pel gar dun fis hom".split()
lexicon = sorted({"".join(rng.choice(syll, rng.integers(2, 4))) for _ in range(900)})
home = {w: int(rng.integers(len(SECTIONS) + 2)) for w in lexicon}     # two extra kinds: words of no section


def publish(path):
    """What a vendor would ship: text format, sorted by corpus count."""
    centres = rng.normal(size=(len(SECTIONS) + 2, DIM)) * 0.5
    rows = []
    for rank, w in enumerate(lexicon):
        true = centres[home[w]] + rng.normal(size=DIM) * 0.35
        for form, count in ((w, 5000 - 4 * rank), (w.title(), 900 - rank / 2), (w.upper(), 2 + rank / 1000)):
            if form == w or rng.random() < 0.9:
                rows.append((count, form, true + rng.normal(size=DIM) * 4 / np.sqrt(count)))
    rows.sort(key=lambda r: -r[0])
    with open(path, "w", encoding="utf-8") as f:
        for _, form, v in rows:
            f.write(form + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def read_vectors(path):
    vecs = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *nums = line.rstrip().split(" ")
            # fault:
            vecs[word.lower()] = np.array(nums, dtype=np.float32)
            # mended:
            # vecs.setdefault(word.lower(), np.array(nums, dtype=np.float32))
            # end
    return vecs


with tempfile.TemporaryDirectory() as folder:
    file = os.path.join(folder, "vectors.cased.40d.txt")
    publish(file)
    vectors = read_vectors(file)
print(len(vectors), "words")

by_kind = [[w for w in lexicon if home[w] == k] for k in range(len(SECTIONS) + 2)]


def headline():
    y = random.randrange(len(SECTIONS))
    words = random.choices(by_kind[y], k=random.randint(2, 4))
    words += random.choices(by_kind[-1] + by_kind[-2], k=random.randint(2, 4))
    words += random.choices(by_kind[random.randrange(len(SECTIONS))], k=1)
    random.shuffle(words)
    return words, y


def matrix(rows):
    x = np.stack([np.mean([vectors[w] for w in words], axis=0) for words, _ in rows])
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])


train, test = matrix([headline() for _ in range(1500)]), matrix([headline() for _ in range(500)])
mu, sd = train[0].mean(0), train[0].std(0)
clf = torch.nn.Sequential(torch.nn.Linear(DIM, 32), torch.nn.ReLU(), torch.nn.Linear(32, len(SECTIONS)))
opt = torch.optim.Adam(clf.parameters(), lr=5e-3)
for epoch in range(5):
    for idx in torch.randperm(1500).split(32):
        loss = F.cross_entropy(clf((train[0][idx] - mu) / sd), train[1][idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        accs = [(clf((x - mu) / sd).argmax(1) == y).float().mean().item() for x, y in (train, test)]
    print(f"epoch {epoch + 1}: last loss {loss.item():.3f} accuracy train {accs[0]:.3f} test {accs[1]:.3f}")
