"""Auto-tagging of programming forum questions (multi-label), kernel version 9"""
import random
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score

CONFIG = dict(seed=3, n_train=2500, n_val=500, dim=32, hidden=64, lr=4e-3, epochs=10, batch=50, threshold=0.5)
random.seed(CONFIG["seed"])
np.random.seed(CONFIG["seed"])
torch.manual_seed(CONFIG["seed"])

TAGS = {
    "python": "list dict pip venv lambda decorator yield tuple pandas numpy indent pep8".split(),
    "sql": "select join table index query group primary foreign schema transaction row null".split(),
    "web": "html css div flexbox browser dom request cookie header router href button".split(),
    "linux": "bash chmod grep kernel systemd cron ssh sudo apt mount daemon pipe".split(),
    "cpp": "pointer template segfault reference destructor vector iterator linker header makefile const stl".split(),
    "git": "commit branch merge rebase push pull stash remote conflict clone tag upstream".split(),
    "docker": "container image compose volume port registry layer build swarm entrypoint mount network".split(),
    "ml": "loss gradient epoch overfitting batch accuracy dataset regression kernel feature training label".split(),
}
NAMES = list(TAGS)
FILLER = ("how can i get this to work please help the of a my with when is it error problem trying use code why does not "
          "anyone know thanks new question after on update yesterday").split()


def make_question():
    k = random.choices([1, 2, 3], [0.5, 0.35, 0.15])[0]
    tags = random.sample(NAMES, k)
    words = []
    for t in tags:
        words += random.sample(TAGS[t], random.randint(2, 4))
    # people also mention things that have nothing to do with it
    if random.random() < 0.3:
        words.append(random.choice(TAGS[random.choice(NAMES)]))
    words += random.choices(FILLER, k=random.randint(5, 14))
    random.shuffle(words)
    return " ".join(words), [int(n in tags) for n in NAMES]


questions = {}
while len(questions) < CONFIG["n_train"] + CONFIG["n_val"]:
    q, t = make_question()
    questions.setdefault(q, t)
items = list(questions.items())
train_items, val_items = items[:CONFIG["n_train"]], items[CONFIG["n_train"]:]

vocab = {"[PAD]": 0, "[UNK]": 1}
for q, _ in train_items:
    for w in q.split():
        vocab.setdefault(w, len(vocab))
print("vocabulary", len(vocab), "tags", NAMES)
print("mean tags per question", np.mean([sum(t) for _, t in items]))


def to_batch(chunk):
    seqs = [[vocab.get(w, 1) for w in q.split()] for q, _ in chunk]
    width = max(map(len, seqs))
    x = torch.tensor([s + [0] * (width - len(s)) for s in seqs])
    return x, torch.tensor([t for _, t in chunk], dtype=torch.float32)


class TagModel(nn.Module):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.embed = nn.Embedding(n_words, CONFIG["dim"], padding_idx=0)
        self.conv = nn.Conv1d(CONFIG["dim"], CONFIG["hidden"], 1)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(CONFIG["hidden"], n_tags)

    def forward(self, x):
        h = torch.relu(self.conv(self.embed(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0).max(dim=2).values
        logits = self.out(self.drop(h))
        # fault:
        return torch.sigmoid(logits)
        # mended:
        #return logits
        # end


model = TagModel(len(vocab), len(NAMES))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=CONFIG["epochs"])


def predict(items):
    model.eval()
    probs, gold = [], []
    with torch.no_grad():
        for i in range(0, len(items), 250):
            x, t = to_batch(items[i:i + 250])
            probs.append(model(x).sigmoid())
            gold.append(t)
    return torch.cat(probs).numpy(), torch.cat(gold).numpy()


def report(name, items):
    probs, gold = predict(items)
    pred = (probs > CONFIG["threshold"]).astype(int)
    print(f"{name}: micro-F1 {f1_score(gold, pred, average='micro', zero_division=0):.4f} "
          f"macro-F1 {f1_score(gold, pred, average='macro', zero_division=0):.4f} "
          f"exact {np.mean((pred == gold).all(1)):.4f}")


for epoch in range(CONFIG["epochs"]):
    model.train()
    random.shuffle(train_items)
    losses = []
    for i in range(0, len(train_items), CONFIG["batch"]):
        x, t = to_batch(train_items[i:i + CONFIG["batch"]])
        loss = loss_fn(model(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    print(f"epoch {epoch + 1}/{CONFIG['epochs']} loss {np.mean(losses):.4f}", end="  ")
    report("val", val_items)

report("TRAIN", train_items)
report("VALID", val_items)
