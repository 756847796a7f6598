# Classify exported support tickets (label <tab> preview of the text) with nn.EmbeddingBag,
# after the torchtext "text classification" tutorial.
import csv, os, random, tempfile, time
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(21)
rnd = random.Random(21)

WORDS = {
    "billing": "invoice charge refund payment amount euro bill card paid price overcharged receipt".split(),
    "delivery": "parcel courier late tracking shipped address package van arrived post depot door".split(),
    "product": "screen battery button cable broken scratch device plug cracked noise charger case".split(),
    "account": "password login email username locked profile reset verify code signup settings user".split(),
}
COMMON = "i the my a is was not have please still and again it but this since with you for yesterday can help me now".split()
NAMES = list(WORDS)


def export(path, n):
    """What the help desk software writes: one ticket per line, previews cut after some words."""
    seen = set()
    with open(path, "w", encoding="utf-8") as f:
        while len(seen) < n:
            topic = rnd.choice(NAMES)
            toks = [rnd.choice(WORDS[topic]) if rnd.random() < 0.3 else rnd.choice(COMMON) for _ in range(rnd.randint(8, 16))]
            if rnd.random() < 0.1:
                other = rnd.choice(NAMES)
                toks[-1] = rnd.choice(WORDS[other])
            text = " ".join(toks)
            if rnd.random() < 0.12:      # customers who quote our last mail
                text = '"' + text
            if text not in seen:
                seen.add(text)
                f.write(f"{topic}\t{text}\n")


folder = tempfile.mkdtemp()
path = os.path.join(folder, "tickets.tsv")
export(path, 4000)


def load(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        # reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(NAMES.index(row[0]), row[1]) for row in reader]


def tokenizer(s):
    return s.replace('"', ' " ').replace("\t", " ").lower().split()


data = load(path)
rnd.shuffle(data)
cut = int(0.8 * len(data))
train_data, test_data = data[:cut], data[cut:]
vocab = {"<unk>": 0}
for _, text in train_data:
    for tok in tokenizer(text):
        vocab.setdefault(tok, len(vocab))
print("tickets:", len(train_data), "+", len(test_data), " vocabulary:", len(vocab))


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for label, text in batch:
        label_list.append(label)
        ids = torch.tensor([vocab.get(t, 0) for t in tokenizer(text)])
        text_list.append(ids)
        offsets.append(ids.size(0))
    return torch.tensor(label_list), torch.cat(text_list), torch.tensor(offsets[:-1]).cumsum(0)


class TextClassificationModel(nn.Module):
    def __init__(self, vocab_size, embed_dim, num_class):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, num_class)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassificationModel(len(vocab), 32, len(NAMES))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
train_dataloader = DataLoader(train_data, batch_size=32, shuffle=True, collate_fn=collate_batch)
test_dataloader = DataLoader(test_data, batch_size=128, collate_fn=collate_batch)


def evaluate(dataloader):
    model.eval()
    acc = count = 0
    with torch.no_grad():
        for label, text, offsets in dataloader:
            acc += (model(text, offsets).argmax(1) == label).sum().item()
            count += label.size(0)
    return acc / count


for epoch in range(1, 6):
    model.train()
    start, tot = time.time(), 0.0
    for label, text, offsets in train_dataloader:
        optimizer.zero_grad()
        loss = criterion(model(text, offsets), label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tot += loss.item()
    print(f"| end of epoch {epoch} | time {time.time() - start:4.1f}s | loss {tot / len(train_dataloader):.3f} | test accuracy {evaluate(test_dataloader):.3f}")
print(f"train accuracy {evaluate(train_dataloader):.3f}")
