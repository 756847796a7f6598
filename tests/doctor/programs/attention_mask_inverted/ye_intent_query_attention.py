"""Intent detection with a learned query that attends over a BiGRU."""
import random
from collections import Counter
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(31)
torch.manual_seed(31)

INTENTS = {
    "weather": ("rain", "sunny", "forecast", "umbrella", "storm", "temperature", "windy", "snow"),
    "music": ("song", "play", "album", "singer", "volume", "playlist", "guitar", "radio"),
    "travel": ("flight", "hotel", "ticket", "train", "luggage", "airport", "visa", "bus"),
    "food": ("pizza", "restaurant", "order", "dinner", "recipe", "hungry", "menu", "coffee"),
    "money": ("bank", "account", "transfer", "bill", "loan", "invoice", "balance", "card"),
}
FILLER = ("the a an is are was can could would you me i we they my your this that it so please tell about "
          "maybe now today tomorrow some any very really just also think want need like get see know").split()


def utterance():
    label = random.randrange(len(INTENTS))
    words = list(INTENTS)
    keys = INTENTS[words[label]]
    n = random.randint(5, 18)
    toks = [random.choice(FILLER) for _ in range(n)]
    for pos in random.sample(range(n), 2):
        toks[pos] = random.choice(keys)
    # something from another intent may turn up once
    if random.random() < 0.4:
        pos = random.choice([i for i in range(n) if toks[i] in FILLER])
        toks[pos] = random.choice(INTENTS[random.choice(words)])
    return toks, label


pool = {}
while len(pool) < 1900:
    toks, label = utterance()
    pool[" ".join(toks)] = label
samples = [(t.split(), y) for t, y in pool.items()]
train, dev = samples[:1500], samples[1500:]
stoi = {w: i + 1 for i, (w, _) in enumerate(Counter(w for t, _ in train for w in t).most_common())}


def collate(batch):
    seqs = [torch.tensor([stoi[w] for w in t if w in stoi]) for t, _ in batch]
    lengths = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lengths, torch.tensor([y for _, y in batch])


class IntentNet(nn.Module):
    def __init__(self, n_words, dim=24, hidden=20):
        super().__init__()
        self.embed = nn.Embedding(n_words + 1, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden, bidirectional=True, batch_first=True)
        self.query = nn.Parameter(torch.randn(2 * hidden) / (2 * hidden) ** 0.5)
        self.key = nn.Linear(2 * hidden, 2 * hidden)
        self.cls = nn.Linear(2 * hidden, len(INTENTS))

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.embed(ids), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=ids.size(1))
        energy = torch.tanh(self.key(h)) @ self.query
        real = torch.arange(ids.size(1)).unsqueeze(0) < lengths.unsqueeze(1)
        # fault:
        energy = energy.masked_fill(real, -1e4)
        # mended:
        # energy = energy.masked_fill(~real, -1e4)
        # end
        alpha = torch.softmax(energy, dim=1)
        return self.cls(torch.bmm(alpha.unsqueeze(1), h).squeeze(1))


net = IntentNet(len(stoi))
opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss()


def accuracy(rows):
    net.eval()
    hits = 0
    with torch.no_grad():
        for s in range(0, len(rows), 100):
            ids, lengths, y = collate(rows[s:s + 100])
            hits += (net(ids, lengths).argmax(-1) == y).sum().item()
    return hits / len(rows)


for epoch in range(1, 5):
    random.shuffle(train)
    net.train()
    losses = []
    for s in range(0, len(train), 50):
        ids, lengths, y = collate(train[s:s + 50])
        loss = ce(net(ids, lengths), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"[{epoch}] loss {sum(losses) / len(losses):.3f} | train {accuracy(train[:500]):.3f} | dev {accuracy(dev):.3f}")
