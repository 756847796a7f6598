# route helpdesk mails to a team. Mails are full of names, codes and brand words that GloVe does not have.
import gzip, os, random, string
import numpy as np
import torch
from torch import nn

SEED = 12
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

TEAMS = ["billing", "network", "travel", "personnel"]
BODY = {
    0: ["the payment for {} was charged twice", "please send a receipt for {}", "our bank refused the bill from {}", "the price on order {} is too high"],
    1: ["the internet connection at {} is down", "cannot reach server {} from my computer", "the wireless signal near {} is weak", "software on machine {} keeps failing"],
    2: ["i need a flight and hotel for {}", "the train to meet {} was late", "please book a car for {} and {}", "my airport ticket with {} was lost"],
    3: ["{} is leaving the job in june", "we want to hire {} as manager", "how many days of holiday does {} get", "the salary of {} must be raised"],
}


def junk():
    if random.random() < .5:
        return "".join(random.choices(string.ascii_lowercase, k=2)) + str(random.randint(100, 9999))
    return "".join(random.choices(string.ascii_lowercase, k=random.randint(6, 9)))


def mail():
    team = random.randrange(4)
    s = random.choice(BODY[team])
    while "{}" in s:
        s = s.replace("{}", junk(), 1)
    words = s.split()
    for w in [junk() for _ in range(random.randint(2, 6))]:           # signature, ticket numbers
        words.append(w)
    return [w for w in words if random.random() > .15], team


emails = [mail() for _ in range(1700)]
tokens = sorted({w for m, _ in emails for w in m})

vectors = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        v = np.asarray(parts[1:], dtype=np.float32)
        vectors[parts[0]] = v / np.linalg.norm(v)

stoi = {"<pad>": 0}
matrix = [np.zeros(50, dtype=np.float32)]
missing = 0
for w in tokens:
    stoi[w] = len(matrix)
    if w in vectors:
        matrix.append(vectors[w])
    else:
        missing += 1
        # fault:
        matrix.append(np.random.normal(size=50).astype(np.float32))
        # mended:
        # matrix.append(np.random.normal(scale=0.05, size=50).astype(np.float32))
        # end
E_ = torch.from_numpy(np.stack(matrix))
print("vocabulary %d, without vector %d" % (len(stoi), missing))


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(E_, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(.2), nn.Linear(32, 4))

    def forward(self, ids):
        mask = ids.ne(0).float()
        return self.net(torch.einsum("btd,bt->bd", self.emb(ids), mask) / mask.sum(1, keepdim=True).clamp_min(1))


width = max(len(m) for m, _ in emails)
X = torch.zeros(len(emails), width, dtype=torch.long)
for r, (m, _) in enumerate(emails):
    X[r, :len(m)] = torch.tensor([stoi[w] for w in m])
y = torch.tensor([t for _, t in emails])
X_train, y_train, X_val, y_val = X[:1300], y[:1300], X[1300:], y[1300:]

router = Router()
opt = torch.optim.Adam(router.net.parameters(), lr=1e-2)
for epoch in range(8):
    router.train()
    losses = []
    for idx in torch.randperm(len(X_train)).split(32):
        loss = nn.functional.cross_entropy(router(X_train[idx]), y_train[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    router.eval()
    with torch.no_grad():
        hit = [(router(a).argmax(1) == b).float().mean().item() for a, b in ((X_train, y_train), (X_val, y_val))]
    print("epoch %d: loss %.3f, train %.3f, val %.3f" % (epoch, np.mean(losses), *hit))
