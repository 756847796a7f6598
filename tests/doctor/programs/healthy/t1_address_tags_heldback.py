# In[1]: Tagging the parts of a postal address with a packed BiLSTM
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(19)
torch.manual_seed(19)

FIRST = "anna boris carla david elena farid greta hugo".split()
PLACES = "lincoln jackson hamilton victoria florence augusta charlotte madison austin sydney".split()
KINDS = "street road lane avenue square way".split()
TITLES = "mr mrs dr prof".split()
TAGS = ["person", "number", "street", "city", "zip", "other"]


# In[2]: the same names can be people, streets and cities; only the neighbours tell
def address():
    row = []
    if random.random() < 0.7:
        if random.random() < 0.5:
            row.append((random.choice(TITLES), "person"))
        row += [(random.choice(FIRST), "person"), (random.choice(PLACES), "person")]
        row.append((",", "other"))
    number = str(random.randint(1, 60))
    street = [(random.choice(PLACES), "street"), (random.choice(KINDS), "street")]
    if random.random() < 0.25:
        street = [(random.choice(["old", "new", "upper"]), "street")] + street
    row += [(number, "number")] + street if random.random() < 0.6 else street + [(number, "number")]
    if random.random() < 0.3:
        row += [("flat", "other"), (str(random.randint(1, 60)), "number")]
    row.append((",", "other"))
    city, code = [(random.choice(PLACES), "city")], [(str(random.randint(10, 60)), "zip")]
    row += city + code if random.random() < 0.5 else code + city
    return tuple(row)


unique = set()
while len(unique) < 1800:
    unique.add(address())
rows = sorted(unique)
random.shuffle(rows)
train_rows, test_rows = rows[:1500], rows[1500:]

vocab = {"<pad>": 0, "<unk>": 1}
for row in train_rows:
    for word, _ in row:
        vocab.setdefault(word, len(vocab))


# In[3]:
class Addresses(Dataset):
    def __init__(self, rows):
        self.words = [torch.tensor([vocab.get(w, 1) for w, _ in row]) for row in rows]
        self.tags = [torch.tensor([TAGS.index(t) for _, t in row]) for row in rows]

    def __len__(self):
        return len(self.words)

    def __getitem__(self, i):
        return {"words": self.words[i], "tags": self.tags[i]}


def collate(items):
    return {
        "words": pad_sequence([x["words"] for x in items], batch_first=True),
        "tags": pad_sequence([x["tags"] for x in items], batch_first=True, padding_value=-100),
        "lengths": torch.tensor([len(x["words"]) for x in items]),
    }


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.rnn = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, n_tags)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.drop(self.emb(words)), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=words.shape[1])
        return self.out(self.drop(states))


# In[4]:
def evaluate(model, loader):
    model.eval()
    right = total = whole = 0
    with torch.no_grad():
        for batch in loader:
            guess = model(batch["words"], batch["lengths"]).argmax(-1)
            real = batch["tags"] != -100
            right += (guess == batch["tags"])[real].sum().item()
            total += real.sum().item()
            whole += ((guess == batch["tags"]) | ~real).all(1).sum().item()
    return right / total, whole / len(loader.dataset)


train_loader = DataLoader(Addresses(train_rows), batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(Addresses(test_rows), batch_size=150, collate_fn=collate)
model = Tagger(len(vocab), len(TAGS))
criterion = nn.CrossEntropyLoss(ignore_index=-100)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(6):
    model.train()
    losses = []
    for batch in train_loader:
        logits = model(batch["words"], batch["lengths"])
        loss = criterion(logits.reshape(-1, len(TAGS)), batch["tags"].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    token, whole = evaluate(model, test_loader)
    print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.4f} | test tags {token:.3f}, whole addresses {whole:.3f}")

# In[5]:
print("train:", "tags %.3f, whole addresses %.3f" % evaluate(model, train_loader))
print("test: ", "tags %.3f, whole addresses %.3f" % evaluate(model, test_loader))
