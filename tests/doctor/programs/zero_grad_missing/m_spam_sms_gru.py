# SMS: spam or ham.  Messages are made up below from a few patterns per side.
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(17)
torch.manual_seed(17)

SLOTS = {
    "PRIZE": ["phone", "holiday", "voucher", "cash", "tablet", "car"],
    "VERB": ["claim", "reply", "call", "text", "collect", "win"],
    "WHO": ["mum", "dave", "anna", "boss", "grandma", "kim"],
    "PLACE": ["home", "work", "school", "pub", "station", "shop"],
    "TIME": ["now", "tonight", "tomorrow", "later", "monday", "soon"],
}
SPAM = ["you have won a PRIZE VERB TIME", "free PRIZE for you VERB to this number TIME", "urgent VERB your PRIZE TIME",
        "last chance VERB TIME and get a PRIZE", "your account is closed VERB TIME"]
HAM = ["can you call WHO TIME", "i have the car VERB me TIME", "see you at PLACE TIME", "WHO won at PLACE again",
       "free TIME want to come to PLACE with WHO", "did you get my text from PLACE", "WHO has lost the phone call PLACE TIME"]
EXTRA = "ok please hi hey the and then also really just so thanks lol".split()


def message(y):
    words = [random.choice(SLOTS[w]) if w in SLOTS else w for w in random.choice(SPAM if y else HAM).split()]
    for _ in range(random.randint(2, 5)):
        words.insert(random.randrange(len(words) + 1), random.choice(EXTRA))
    words = [w for w in words if random.random() > 0.15]
    return words or ["ok"]


data = {}
while len(data) < 1900:
    y = int(random.random() < 0.4)
    data.setdefault(" ".join(message(y)), y)
data = list(data.items())
random.shuffle(data)
words = sorted({w for s, _ in data[:1500] for w in s.split()})
w2i = {w: i + 2 for i, w in enumerate(words)}


def encode(rows):
    xs = [torch.tensor([w2i.get(w, 1) for w in s.split()]) for s, _ in rows]
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor([y for _, y in rows])


class Gru(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.cls = nn.Linear(32, 2)

    def forward(self, x, n):
        y, _ = self.gru(self.emb(x))
        return self.cls(y[torch.arange(len(x)), n - 1])


train, test = encode(data[:1500]), encode(data[1500:])
model = Gru(len(w2i) + 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
crit = nn.CrossEntropyLoss()

for epoch in range(1, 8):
    model.train()
    perm = torch.randperm(1500)
    tot = 0.0
    for i in range(0, 1500, 30):
        b = perm[i:i + 30]
        x, n, y = train[0][b], train[1][b], train[2][b]
        # fault:
        loss = crit(model(x, n), y)
        # mended:
        # opt.zero_grad()
        # loss = crit(model(x, n), y)
        # end
        loss.backward()
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        acc = [(model(p[0], p[1]).argmax(1) == p[2]).float().mean().item() for p in (train, test)]
    print("epoch %d loss %.4f train acc %.3f test acc %.3f" % (epoch, tot / 50, *acc))
print("ham share in test %.3f" % (test[2] == 0).float().mean())
