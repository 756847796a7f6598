"""Tag code snippets with the libraries they need (multi-label, CNN over tokens)."""
import random
import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)

TAGS = {
    "numpy": ["ndarray", "arange", "linalg", "reshape", "np"],
    "http": ["urlopen", "headers", "request", "status_code", "get_json"],
    "sql": ["cursor", "execute", "fetchall", "commit", "rollback"],
    "regex": ["findall", "compile", "groupdict", "lookahead", "sub"],
    "threads": ["Lock", "acquire", "Thread", "join_all", "daemon"],
    "files": ["fopen", "readlines", "mkdir", "unlink", "chmod"],
    "plots": ["figure", "axes", "legend", "colormap", "savefig"],
    "dates": ["timedelta", "strptime", "utcnow", "isoformat", "tzinfo"],
}
FILLER = ["def", "return", "if", "else", "for", "in", "=", "(", ")", ":", "x", "y", "self", "None", "0", "1", "[", "]", "i", "len", "print", "while", "+", "."]
LABELS = list(TAGS)


def snippet():
    chosen = random.sample(range(len(LABELS)), random.choice([0, 1, 1, 2, 2, 3]))
    toks = random.choices(FILLER, k=random.randint(8, 22))
    for c in chosen:
        for w in random.sample(TAGS[LABELS[c]], random.choice([1, 2])):
            toks.insert(random.randrange(len(toks)), w)
    y = [0.0] * len(LABELS)
    for c in chosen:
        y[c] = 1.0
    return toks, y


vocab = {"<pad>": 0}
for w in FILLER + sum(TAGS.values(), []):
    vocab[w] = len(vocab)


def batchify(items):
    width = max(len(t) for t, _ in items)
    ids = torch.zeros(len(items), width, dtype=torch.long)
    for r, (t, _) in enumerate(items):
        ids[r, :len(t)] = torch.tensor([vocab[w] for w in t])
    return {"ids": ids, "tags": torch.tensor([y for _, y in items])}


train = [snippet() for _ in range(1800)]
valid = [snippet() for _ in range(500)]


class TagCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(48, len(LABELS))

    def forward(self, batch):
        h = torch.relu(self.conv(self.emb(batch["ids"]).transpose(1, 2)))
        h = h.masked_fill((batch["ids"] == 0).unsqueeze(1), 0.0).amax(dim=2)
        # fault:
        return torch.sigmoid(self.fc(self.drop(h)))
        # mended:
        # return self.fc(self.drop(h))
        # end


def logistic_loss(z, y):
    return (nn.functional.softplus(z) - y * z).sum(1).mean()


def micro_f1(model):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for k in range(0, len(valid), 100):
            b = batchify(valid[k:k + 100])
            hat, gold = torch.sigmoid(model(b)) > 0.5, b["tags"] > 0.5
            tp += (hat & gold).sum().item()
            fp += (hat & ~gold).sum().item()
            fn += (~hat & gold).sum().item()
    model.train()
    return 2 * tp / max(1, 2 * tp + fp + fn), (tp + fp) / (len(valid) * len(LABELS))


model = TagCNN()
opt = torch.optim.Adagrad(model.parameters(), lr=0.06)
for ep in range(8):
    random.shuffle(train)
    s = 0.0
    for k in range(0, len(train), 30):
        b = batchify(train[k:k + 30])
        opt.zero_grad()
        loss = logistic_loss(model(b), b["tags"])
        loss.backward()
        opt.step()
        s += loss.item()
    f1, rate = micro_f1(model)
    print(f"[{ep}] loss {s / (len(train) / 30):.3f}  micro-F1 {f1:.3f}  share of tags given {rate:.3f}")
