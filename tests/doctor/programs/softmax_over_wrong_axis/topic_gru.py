import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

random.seed(11)
torch.manual_seed(11)

TOPICS = {
    "sport": "match goal coach league striker penalty season stadium referee tournament".split(),
    "money": "market shares bank profit investor bond interest quarter dividend inflation".split(),
    "health": "patient doctor vaccine clinic surgery symptom therapy nurse virus diet".split(),
    "travel": "flight hotel beach passport luggage island airport tourist train museum".split(),
    "tech": "software phone chip battery update network browser startup device cloud".split(),
}
FILLER = "the a of to in on was is said after new more with for that it has will from by".split()


class News(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            y = random.randrange(len(TOPICS))
            topic = list(TOPICS.values())[y]
            other = random.choice(list(TOPICS.values()))
            words = [random.choice(FILLER) for _ in range(random.randint(4, 10))]
            words += random.choices(topic, k=3) + random.choices(other, k=1)
            random.shuffle(words)
            self.rows.append((words, y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


vocab = {w: i + 1 for i, w in enumerate(sorted(set(FILLER) | {w for t in TOPICS.values() for w in t}))}


def collate(batch):
    lengths = torch.tensor([len(words) for words, _ in batch])
    ids = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
    for i, (words, _) in enumerate(batch):
        ids[i, : len(words)] = torch.tensor([vocab[w] for w in words])
    return ids, lengths, torch.tensor([y for _, y in batch])


class NewsNet(nn.Module):
    def __init__(self, vocab_size, n_topics, emb=32, hid=40):
        super().__init__()
        self.lookup = nn.Embedding(vocab_size, emb, padding_idx=0)
        self.rnn = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(hid, n_topics)

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.lookup(ids), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        # fault:
        return F.log_softmax(self.out(h[-1]), dim=0)
        # mended:
        # return F.log_softmax(self.out(h[-1]), dim=1)
        # end


train_loader = DataLoader(News(1500), batch_size=25, shuffle=True, collate_fn=collate)
test_loader = DataLoader(News(250), batch_size=1, collate_fn=collate)
model = NewsNet(len(vocab) + 1, len(TOPICS))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(3):
    model.train()
    running = 0.0
    for ids, lengths, y in train_loader:
        opt.zero_grad()
        loss = F.nll_loss(model(ids, lengths), y)
        loss.backward()
        opt.step()
        running += loss.item()
    model.eval()
    correct = 0
    with torch.no_grad():
        for ids, lengths, y in test_loader:
            correct += (model(ids, lengths).argmax(1) == y).sum().item()
    print(f"[{epoch}] train loss {running / len(train_loader):.3f}  test accuracy {correct / 250:.3f}")
