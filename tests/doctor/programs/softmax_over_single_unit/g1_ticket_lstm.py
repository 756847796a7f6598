# urgent / not urgent support tickets with an LSTM
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import TensorDataset, DataLoader

random.seed(4)
torch.manual_seed(4)

PRODUCTS = "router printer laptop tablet invoice account website server camera headset monitor license backup mailbox".split()
PEOPLE = "alice bob carol dave erin frank grace heidi ivan judy mallory oscar peggy trent".split()
URGENT = ["is down for everyone", "crashed and we lost data", "stopped working completely", "was hacked last night",
          "is on fire", "blocks the whole team", "fails for all our customers"]
CALM = ["needs a new sticker", "could use a small update", "looks a bit slow sometimes", "should be renamed some day",
        "works but the colour is odd", "has a typo in the manual", "may be moved next month"]
OPEN = ["hello team", "hi there", "good morning", "dear support", "hey", "to whom it may concern"]
CLOSE = ["thanks a lot", "regards", "please reply", "have a nice day", "call me back", "best wishes"]


def make_ticket():
    y = int(random.random() < 0.5)
    text = " ".join([random.choice(OPEN), "this is", random.choice(PEOPLE), "from room", str(random.randint(1, 60)),
                     "the", random.choice(PRODUCTS), random.choice(URGENT if y else CALM),
                     random.choice(["", "i asked " + random.choice(PEOPLE) + " already"]), random.choice(CLOSE)])
    return " ".join(text.split()), y


seen = {}
while len(seen) < 1900:
    t, y = make_ticket()
    seen[t] = y
data = list(seen.items())
random.shuffle(data)
train_data, test_data = data[:1500], data[1500:]

vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train_data:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


def tensorize(rows):
    seqs = [torch.tensor([vocab.get(w, 1) for w in t.split()]) for t, _ in rows]
    lens = torch.tensor([len(s) for s in seqs])
    return TensorDataset(pad_sequence(seqs, batch_first=True), lens, torch.tensor([float(y) for _, y in rows]))


class TicketLSTM(nn.Module):
    def __init__(self, vocab_size, emb=24, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb, padding_idx=0)
        self.lstm = nn.LSTM(emb, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)
        # fault:
        self.act = nn.Softmax(dim=1)
        # mended:
        # self.act = nn.Sigmoid()
        # end

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.embedding(x), lens, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.act(self.out(h[-1])).squeeze(1)


train_loader = DataLoader(tensorize(train_data), batch_size=32, shuffle=True)
test_loader = DataLoader(tensorize(test_data), batch_size=128)
net = TicketLSTM(len(vocab))
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)

for epoch in range(3):
    net.train()
    running, right, seen_n = 0.0, 0, 0
    for x, lens, y in train_loader:
        optimizer.zero_grad()
        p = net(x, lens)
        loss = criterion(p, y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
        right += ((p > 0.5).float() == y).sum().item()
        seen_n += len(y)
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, lens, y in test_loader:
            correct += ((net(x, lens) > 0.5).float() == y).sum().item()
    print(f"Epoch {epoch+1} | train loss {running/seen_n:.4f} acc {right/seen_n:.4f} | test acc {correct/len(test_data):.4f}")
