# Joint model: one label for the sentence, one tag for each word. Two optimizers (sparse table, dense rest).
import random
import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)
CITY = ["paris", "rome", "oslo", "lima", "cairo", "delhi", "york", "bonn"]
DAY = ["monday", "tuesday", "friday", "sunday", "tomorrow", "tonight"]
BAND = ["abba", "queen", "muse", "blur", "kiss", "cream"]
FRAMES = {
    "flight": ["book a flight to C on D", "i need to fly from C to C D", "any planes C to C"],
    "weather": ["will it rain in C D", "how warm is C on D", "forecast for C please"],
    "music": ["play something by B", "put on B please", "is B on stage in C D"],
}
TOPICS = list(FRAMES)
SLOTS = {"O": 0, "CITY": 1, "DAY": 2, "BAND": 3}
FILL = {"C": (CITY, "CITY"), "D": (DAY, "DAY"), "B": (BAND, "BAND")}
POLITE = ["", "hi", "hello there", "ok so", "hey"]


def sample():
    topic = random.choice(TOPICS)
    words, tags = [], []
    for w in (random.choice(POLITE) + " " + random.choice(FRAMES[topic])).split():
        if w in FILL:
            pool, t = FILL[w]
            words.append(random.choice(pool))
            tags.append(SLOTS[t])
        else:
            words.append(w)
            tags.append(0)
    return tuple(words), tuple(tags), TOPICS.index(topic)


pool = set()
while len(pool) < 1500:
    pool.add(sample())
rows = sorted(pool)
random.shuffle(rows)
fit, held = rows[:1200], rows[1200:]
V = {"<pad>": 0}
for r in rows:
    for w in r[0]:
        V.setdefault(w, len(V))


def tensors(part):
    T = max(len(r[0]) for r in part)
    X = torch.zeros(len(part), T, dtype=torch.long)
    S = torch.full((len(part), T), -100)
    for i, (w, t, _) in enumerate(part):
        X[i, :len(w)] = torch.tensor([V[a] for a in w])
        S[i, :len(t)] = torch.tensor(t)
    return X, S, torch.tensor([r[2] for r in part])


emb = nn.Embedding(len(V), 20, padding_idx=0, sparse=True)
conv = nn.Conv1d(20, 32, 3, padding=1)
slot_head, topic_head = nn.Linear(32, 4), nn.Linear(32, 3)
dense = nn.ModuleList([conv, slot_head, topic_head])


def forward(X):
    real = (X != 0).unsqueeze(-1)
    h = torch.relu(conv(emb(X).transpose(1, 2))).transpose(1, 2)
    pooled = (h * real).sum(1) / real.sum(1)
    return slot_head(h), topic_head(pooled)


opts = [torch.optim.SparseAdam(emb.parameters(), lr=5e-3), torch.optim.Adam(dense.parameters(), lr=5e-3)]
ce = nn.CrossEntropyLoss()                       # -100 is the default ignored index
for epoch in range(5):
    random.shuffle(fit)
    log = [0.0, 0.0]
    for i in range(0, len(fit), 40):
        X, S, Y = tensors(fit[i:i + 40])
        s, y = forward(X)
        l1, l2 = ce(s.transpose(1, 2), S), ce(y, Y)
        for o in opts:
            o.zero_grad()
        (0.5 * l1 + 0.5 * l2).backward()
        for o in opts:
            o.step()
        log[0] += l1.item() / 30
        log[1] += l2.item() / 30
    with torch.no_grad():
        X, S, Y = tensors(held)
        s, y = forward(X)
    slot_acc = (s.argmax(-1) == S)[S > 0].float().mean()
    print(f"{epoch}: slots {log[0]:.3f} topic {log[1]:.3f} | held out: filled slots {slot_acc:.3f} topic {(y.argmax(1) == Y).float().mean():.3f}")
