"""
Which language is this word? Character-level GRU, adapted from the "classifying names" tutorial,
but with batches and an embedding instead of one-hot letters. Words come from the Multi30k captions.
"""
import gzip, os, random, unicodedata
import torch
import torch.nn as nn
import torch.optim as optim

random.seed(7)
torch.manual_seed(7)

all_categories = ["cs", "de", "fr"]
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def unicode_to_ascii(s):
    return "".join(c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c) and c.isalpha() and ord(c) < 128)


word_sets = {}
for lang in all_categories:
    with gzip.open(f"{path}/val.{lang}.gz", "rt", encoding="utf8") as f:
        word_sets[lang] = {unicode_to_ascii(w.lower()) for w in f.read().split()}
pairs = []
for i, lang in enumerate(all_categories):
    others = set().union(*(word_sets[o] for o in all_categories if o != lang))
    mine = sorted(w for w in word_sets[lang] - others if 5 <= len(w) <= 12)
    random.shuffle(mine)
    pairs += [(w, i) for w in mine[:1000]]
random.shuffle(pairs)
n_test = 500
test_pairs, train_pairs = pairs[:n_test], pairs[n_test:]
print(len(train_pairs), "train words;", len(test_pairs), "test words;", all_categories)


def to_batch(items):
    items = sorted(items, key=lambda p: -len(p[0]))
    lengths = [len(w) for w, _ in items]
    x = torch.zeros(len(items), lengths[0], dtype=torch.long)
    for r, (w, _) in enumerate(items):
        x[r, :len(w)] = torch.tensor([ord(c) - 96 for c in w])
    return x, lengths, torch.tensor([c for _, c in items])


class CharGRU(nn.Module):
    def __init__(self, n_letters=27, emb=20, hidden=40, n_out=3):
        super().__init__()
        self.emb = nn.Embedding(n_letters, emb, padding_idx=0)
        self.gru = nn.GRU(emb, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n_out)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True)
        _, h = self.gru(packed)
        return self.fc(h.squeeze(0))


def init_weights(m):
    for name, param in m.named_parameters():
        if "weight" in name:
            # fault:
            nn.init.normal_(param.data, mean=0, std=2)
            # mended:
            # nn.init.normal_(param.data, mean=0, std=0.2)
            # end
        else:
            nn.init.constant_(param.data, 0)


model = CharGRU()
model.apply(init_weights)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=8e-3)
BATCH_SIZE = 40


def run(items, train):
    model.train(train)
    if train:
        random.shuffle(items)
    total_loss = total_ok = 0
    with torch.set_grad_enabled(train):
        for i in range(0, len(items), BATCH_SIZE):
            x, lengths, y = to_batch(items[i:i + BATCH_SIZE])
            logits = model(x, lengths)
            loss = criterion(logits, y)
            if train:
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                optimizer.step()
            total_loss += loss.item() * len(y)
            total_ok += (logits.argmax(1) == y).sum().item()
    return total_loss / len(items), 100 * total_ok / len(items)


for epoch in range(1, 5):
    tl, ta = run(train_pairs, True)
    vl, va = run(test_pairs, False)
    print(f"Epoch: {epoch:02} | Train Loss: {tl:.3f} | Train Acc: {ta:.2f}% | Test Loss: {vl:.3f} | Test Acc: {va:.2f}%")
