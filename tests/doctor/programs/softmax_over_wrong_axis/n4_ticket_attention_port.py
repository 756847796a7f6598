# Ticket routing, ported from our old Keras model (Embedding -> Bidirectional(GRU) -> AttentionWithContext -> Dense)
import random
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1234)
random.seed(1234)

QUEUES = ("network", "billing", "hardware", "access", "apps")
PARTS = {q: ["%s_%02d" % (q[:3], i) for i in range(12)] for q in QUEUES}
CHATTER = ["hello", "please", "since", "monday", "we", "have", "using", "next", "to", "also", "works", "and", "with",
           "thanks", "team", "the", "desk", "floor", "again", "after", "update", "our", "still", "fine", "on"]
COMPLAINT = ["broken", "failing", "dead"]


def ticket():
    """many things are mentioned, the one called broken decides"""
    q = random.choice(QUEUES)
    chunks = [[random.choice(COMPLAINT), random.choice(PARTS[q])]]
    for _ in range(random.randint(2, 4)):
        chunks.append([random.choice(CHATTER), random.choice(PARTS[random.choice(QUEUES)])])
    for _ in range(random.randint(2, 6)):
        chunks.append([random.choice(CHATTER)])
    random.shuffle(chunks)
    return [w for c in chunks for w in c], QUEUES.index(q)


uniq = {}
while len(uniq) < 1600:
    t, q = ticket()
    uniq[" ".join(t)] = q
corpus = [(k.split(), v) for k, v in uniq.items()]
train_set, test_set = corpus[:1300], corpus[1300:]

word_index = {"": 0}
for toks, _ in train_set:
    for tok in toks:
        word_index.setdefault(tok, len(word_index))


def pad_sequences(list_of_tokens):
    m = max(map(len, list_of_tokens))
    return torch.tensor([[word_index.get(t, 0) for t in ts] + [0] * (m - len(ts)) for ts in list_of_tokens])


class AttentionWithContext(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.W = nn.Linear(units, units)
        self.u = nn.Parameter(torch.randn(units) * 0.1)

    def forward(self, x, mask):
        uit = torch.tanh(self.W(x))
        ait = uit @ self.u
        ait = ait.masked_fill(~mask, -1e9)
        # fault:
        a = torch.softmax(ait, dim=0)
        # mended:
        #a = torch.softmax(ait, dim=1)
        # end
        return (x * a.unsqueeze(-1)).sum(1)


class TicketRouter(nn.Module):
    def __init__(self, n_words, n_queues):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 32, padding_idx=0)
        self.bigru = nn.GRU(32, 24, batch_first=True, bidirectional=True)
        self.att = AttentionWithContext(48)
        self.dense = nn.Linear(48, n_queues)

    def forward(self, ids):
        mask = ids != 0
        lens = mask.sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.bigru(packed)[0], batch_first=True)
        return self.dense(self.att(h, mask))

    # keras habits die hard
    def compile(self, lr):
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.parameters(), lr=lr)

    def fit(self, rows, batch_size, epochs, validation_data):
        for e in range(epochs):
            self.train()
            random.shuffle(rows)
            s = n = 0
            for i in range(0, len(rows), batch_size):
                chunk = rows[i:i + batch_size]
                y = torch.tensor([q for _, q in chunk])
                out = self.loss(self(pad_sequences([t for t, _ in chunk])), y)
                self.optimizer.zero_grad()
                out.backward()
                self.optimizer.step()
                s, n = s + out.item() * len(y), n + len(y)
            print("Epoch %d/%d - loss: %.4f - val_acc: %.4f" % (e + 1, epochs, s / n, self.evaluate(validation_data)))

    def predict_one(self, tokens):
        with torch.no_grad():
            return self(pad_sequences([tokens])).argmax(-1).item()

    def evaluate(self, rows):
        self.eval()
        return sum(self.predict_one(t) == q for t, q in rows) / len(rows)     # tickets arrive one by one


router = TicketRouter(len(word_index), len(QUEUES))
router.compile(lr=0.006)
router.fit(train_set, batch_size=32, epochs=5, validation_data=test_set)
print("train acc %.4f, test acc %.4f" % (router.evaluate(train_set[:400]), router.evaluate(test_set)))
