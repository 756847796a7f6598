"""Which country is this postcard from?  24 classes, bag of words, torch.nn only."""
import random, torch
import torch.nn as nn, torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

random.seed(4); torch.manual_seed(4)
PLACES = """france:paris lyon nice|spain:madrid seville bilbao|italy:rome milan naples|germany:berlin hamburg munich|uk:london leeds york
|ireland:dublin cork galway|norway:oslo bergen|sweden:stockholm malmo|finland:helsinki turku|poland:warsaw krakow|austria:vienna graz linz
|greece:athens corfu crete|portugal:lisbon porto|turkey:istanbul ankara|egypt:cairo luxor|morocco:fez rabat|india:delhi mumbai goa
|japan:tokyo kyoto osaka|china:beijing shanghai|brazil:rio recife|peru:lima cusco|mexico:cancun puebla|canada:toronto ottawa|usa:boston chicago denver"""
COUNTRY = {p.split(":")[0].strip(): p.split(":")[1].split() for p in PLACES.split("|")}
NAMES = list(COUNTRY)
FILL = "dear mum we are having a great time here in the weather is nice food was good see you soon love from kids hotel today walked around old town".split()


class Postcards(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            c = random.randrange(len(NAMES))
            text = random.choices(FILL, k=random.randint(3, 7)) + random.choices(COUNTRY[NAMES[c]], k=random.choice([1, 2, 2]))
            if random.random() < .15:
                text.append(random.choice(COUNTRY[random.choice(NAMES)]))        # where they go next
            random.shuffle(text)
            self.rows.append((text, c))

    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]


train_set, test_set = Postcards(2200), Postcards(500)
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train_set for w in t}))}


def to_counts(batch):
    rows, cols = zip(*[(i, vocab[w]) for i, (text, _) in enumerate(batch) for w in text if w in vocab])
    x = torch.zeros(len(batch), len(vocab))
    x.index_put_((torch.tensor(rows), torch.tensor(cols)), torch.ones(()), accumulate=True)
    return x, torch.tensor([c for _, c in batch])


class PostcardNet(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.hidden = nn.Linear(n_in, n_hidden)
        self.out = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        x = F.relu(self.hidden(x))
        x = self.out(x)
        # fault:
        return F.softmax(x, dim=1)
        # mended:
        # return x
        # end


net = PostcardNet(len(vocab), 64, len(NAMES))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)


@torch.no_grad()
def test(ds):
    net.eval()
    good = 0
    for x, y in DataLoader(ds, batch_size=200, collate_fn=to_counts):
        good += (net(x).max(1).indices == y).sum().item()
    return good / len(ds)


for epoch in range(1, 5):
    net.train(); cum = 0.
    for x, y in DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=to_counts):
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        cum += loss.item()
    print(f"[{epoch}] loss: {cum / (len(train_set) / 32):.3f}  test {test(test_set):.3f}")
print(f"final: train {test(train_set):.3f}  test {test(test_set):.3f}")
