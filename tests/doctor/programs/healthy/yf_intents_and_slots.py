"""Joint intent + slot model (toy assistant). GRU over packed sequences, two heads, uncertainty weighting."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

random.seed(8); torch.manual_seed(8)
CITIES = "paris london oslo rome lima cairo tokyo delhi quito berlin madrid dublin athens vienna prague warsaw".split()
DAYS = "today tomorrow monday tuesday wednesday thursday friday saturday sunday tonight".split()
ARTISTS = "abba queen muse adele drake nirvana coldplay beyonce radiohead prince madonna eminem bowie cher".split()
NUMS = "one two three four five six seven eight nine ten eleven twelve twenty thirty".split()
THINGS = "milk eggs bread butter apples coffee rice soap pasta cheese honey flour tea paper bananas salt".split()
PRE = ["", "please", "hey", "could you", "can you", "i want you to", "ok now", "um", "would you kindly", "quickly"]
POST = ["", "please", "thanks", "now", "if you can", "for me", "right away", "will you", "again", "my dear"]
PATTERNS = {
    "weather": ["what is the weather in {city} {day}", "will it rain {day} in {city}", "forecast for {city} on {day}", "is it cold in {city}"],
    "music": ["play something by {artist}", "put on {artist}", "i would like to hear {artist} {day}", "start a playlist with {artist} songs"],
    "timer": ["set a timer for {num} minutes", "wake me in {num} hours", "count down {num} seconds", "start a {num} minute timer"],
    "travel": ["book a flight to {city} {day}", "find trains from {city} to {city} on {day}", "how do i get to {city}", "tickets to {city} for {num} people"],
    "shopping": ["add {thing} and {thing} to my list", "buy {num} {thing}", "we are out of {thing} and {thing}", "order {thing} for {day}"],
}
POOL = dict(city=CITIES, day=DAYS, artist=ARTISTS, num=NUMS, thing=THINGS)
TAGS = ["O"] + sorted(POOL)
INTENTS = list(PATTERNS)


def sample():
    intent = random.choice(INTENTS)
    toks, tags = [], []
    for part in (random.choice(PRE) + " " + random.choice(PATTERNS[intent]) + " " + random.choice(POST)).split():
        if part[0] == "{":
            kind = part[1:-1]
            toks.append(random.choice(POOL[kind])); tags.append(TAGS.index(kind))
        else:
            toks.append(part); tags.append(0)
    return tuple(toks), tags, INTENTS.index(intent)


unique = {}
while len(unique) < 2000:
    t, s, i = sample()
    unique[t] = (s, i)
rows = [(t, s, i) for t, (s, i) in unique.items()]
random.shuffle(rows)
train, dev = rows[:1500], rows[1500:]
vocab = {w: k + 1 for k, w in enumerate(sorted({w for t, _, _ in train for w in t}))}   # 0 = unknown
enc = lambda part: [(torch.tensor([vocab.get(w, 0) for w in t]), torch.tensor(s), i) for t, s, i in part]
train, dev = enc(train), enc(dev)


class Joint(nn.Module):
    def __init__(self, n, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.gru = nn.GRU(d, h, bidirectional=True, batch_first=True)
        self.intent, self.slot = nn.Linear(2 * h, len(INTENTS)), nn.Linear(2 * h, len(TAGS))
        self.log_var = nn.Parameter(torch.zeros(2))          # Kendall et al. 2018
    def forward(self, seqs):
        packed = pack_sequence(seqs, enforce_sorted=False)
        packed = packed._replace(data=self.emb(packed.data))
        out, hn = self.gru(packed)
        out, _ = pad_packed_sequence(out, batch_first=True)
        return self.intent(torch.cat([hn[0], hn[1]], -1)), self.slot(out)


m = Joint(len(vocab) + 1)
opt = torch.optim.Adam(m.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.4)
ce = nn.CrossEntropyLoss(); ce_tag = nn.CrossEntropyLoss(ignore_index=-1)
for ep in range(4):
    m.train(); random.shuffle(train); hist = []
    for k in range(0, len(train), 40):
        xs, ss, ii = zip(*train[k:k + 40])
        zi, zs = m(xs)
        li = ce(zi, torch.tensor(ii))
        ls = ce_tag(zs.flatten(0, 1), pad_sequence(ss, batch_first=True, padding_value=-1).flatten())
        loss = (torch.exp(-m.log_var) * torch.stack([li, ls]) + m.log_var).sum()      # may go below zero
        opt.zero_grad(); loss.backward(); opt.step()
        hist.append((li.item(), ls.item(), loss.item()))
    sched.step(); m.eval()
    with torch.no_grad():
        xs, ss, ii = zip(*dev)
        zi, zs = m(xs)
        gold = pad_sequence(ss, batch_first=True, padding_value=-1)
        acc = (zi.argmax(-1) == torch.tensor(ii)).float().mean()
        hit = (zs.argmax(-1) == gold) | (gold < 0)
        slots = (hit & (gold > 0)).sum() / (gold > 0).sum()
    a, b, c = (sum(h[j] for h in hist) / len(hist) for j in range(3))
    print(f"ep {ep}  intent {a:.4f}  slot {b:.4f}  total {c:+.4f} | dev intent acc {acc:.4f}  slot recall {slots:.4f}  frame acc {hit.all(1).float().mean():.4f}")
