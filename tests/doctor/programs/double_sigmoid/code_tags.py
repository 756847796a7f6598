"""Auto-tagging of questions (multi-label): bag of tokens and bigram hashes, one output per tag."""
import random
import zlib
import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)
TAGS = ["python", "pandas", "regex", "sql", "git", "docker", "css", "async"]
SNIP = {
    "python": ["def", "self", "lambda", "__init__", "import", "elif"], "pandas": ["df", "groupby", "iloc", "merge", "NaN"],
    "regex": ["\\d+", "(?:", "[a-z]", "re.sub", "lookahead"], "sql": ["SELECT", "JOIN", "WHERE", "HAVING", "index"],
    "git": ["rebase", "HEAD~1", "stash", "origin", "cherry-pick"], "docker": ["FROM", "image", "compose", "volume", "EXPOSE"],
    "css": ["flex", "margin", "z-index", ".class", "grid"], "async": ["await", "promise", "callback", "event-loop", "gather"]}
NOISE = "how to do i get an error when using the why does not work with my code is there a way best".split()
BUCKETS = 4096


def question():
    tags = set(random.sample(TAGS, random.choice([1, 1, 2, 3])))
    if "pandas" in tags and random.random() < 0.7:
        tags.add("python")
    toks = random.choices(NOISE, k=random.randint(8, 16))
    for t in tags:
        if random.random() < 0.95:
            toks += random.choices(SNIP[t], k=random.randint(1, 3))
    if random.random() < 0.3:
        toks.append(random.choice(SNIP[random.choice(TAGS)]))
    random.shuffle(toks)
    return toks, [1.0 if t in tags else 0.0 for t in TAGS]


def features(toks):
    grams = toks + [a + "_" + b for a, b in zip(toks, toks[1:])]
    return [zlib.crc32(g.encode()) % BUCKETS for g in grams]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32, mode="sum")
        self.hidden = nn.Linear(32, 64)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(64, len(TAGS))
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, flat, offsets):
        h = self.drop(torch.relu(self.hidden(self.bag(flat, offsets))))
        # fault:
        return torch.sigmoid(self.out(h))
        # mended:
        # return self.out(h)
        # end


class Trainer:
    def __init__(self, model, train, valid):
        self.model, self.train, self.valid = model, train, valid
        self.criterion = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)

    @staticmethod
    def batch(rows):
        feats = [features(t) for t, _ in rows]
        offs = torch.tensor([0] + [len(f) for f in feats[:-1]]).cumsum(0)
        return torch.tensor([i for f in feats for i in f]), offs, torch.tensor([y for _, y in rows])

    def fit(self, epochs, size=32):
        for ep in range(epochs):
            self.model.train()
            random.shuffle(self.train)
            run = 0.0
            for i in range(0, len(self.train), size):
                flat, offs, y = self.batch(self.train[i:i + size])
                loss = self.criterion(self.model(flat, offs), y)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                run += loss.item() * len(y)
            print(f"epoch {ep}: loss {run / len(self.train):.4f}", "valid F1 %.3f exact %.3f" % self.score())

    @torch.no_grad()
    def score(self):
        self.model.eval()
        flat, offs, y = self.batch(self.valid)
        pred = (torch.sigmoid(self.model(flat, offs)) > 0.5).float()
        tp = (pred * y).sum()
        return (2 * tp / (pred.sum() + y.sum())).item(), (pred == y).all(1).float().mean().item()


data = [question() for _ in range(3600)]
Trainer(Tagger(), data[:3000], data[3000:]).fit(8)
