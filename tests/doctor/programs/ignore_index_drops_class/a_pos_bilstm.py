"""BiLSTM part-of-speech tagger on sentences of a small grammar."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence
from torch.utils.data import DataLoader

torch.manual_seed(11)
random.seed(11)

LEXICON = {
    "NOUN": "dog cat house river watch play run light book fish garden train".split(),
    "VERB": "watch play run light book fish train sees likes takes finds gives".split(),
    "ADJ": "light big red old quick quiet happy".split(),
    "DET": "the a every this".split(),
    "ADV": "slowly often never quick".split(),
    "ADP": "in near with under".split(),
}
TAGS = ["NOUN", "VERB", "ADJ", "DET", "ADV", "ADP"]
TAG2ID = {t: i for i, t in enumerate(TAGS)}


def noun_phrase():
    tags = ["DET"] + ["ADJ"] * random.choice([0, 0, 1, 2]) + ["NOUN"]
    if random.random() < 0.25:
        tags += ["ADP"] + ["DET", "NOUN"]
    return tags


def sample():
    tags = noun_phrase() + (["ADV"] if random.random() < 0.4 else []) + ["VERB"] + noun_phrase()
    if random.random() < 0.3:
        tags += ["ADV"]
    return [random.choice(LEXICON[t]) for t in tags], tags


corpus = [sample() for _ in range(1300)]
train_set, dev_set = corpus[:1000], [s for s in corpus[1000:] if s not in corpus[:1000]]
word2id = {"<pad>": 0, "<unk>": 1}
for words, _ in train_set:
    for w in words:
        word2id.setdefault(w, len(word2id))


def collate(batch):
    words = [torch.tensor([word2id.get(w, 1) for w in ws]) for ws, _ in batch]
    tags = [torch.tensor([TAG2ID[t] for t in ts]) for _, ts in batch]
    lengths = torch.tensor([len(w) for w in words])
    words = pad_sequence(words, batch_first=True, padding_value=0)
    # fault:
    tags = pad_sequence(tags, batch_first=True, padding_value=0)
    # mended:
    # tags = pad_sequence(tags, batch_first=True, padding_value=-100)
    # end
    return words, tags, lengths


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(2 * hidden, n_tags)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(h))


train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev_set, batch_size=64, collate_fn=collate)
tagger = Tagger(len(word2id), len(TAGS))
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=0)
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=-100)
# end
optimizer = torch.optim.AdamW(tagger.parameters(), lr=1e-2)

for epoch in range(4):
    tagger.train()
    losses = []
    for words, tags, lengths in train_loader:
        optimizer.zero_grad()
        logits = tagger(words, lengths)
        loss = criterion(logits.reshape(-1, len(TAGS)), tags.reshape(-1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    tagger.eval()
    hit, n = [0] * len(TAGS), [0] * len(TAGS)
    with torch.no_grad():
        for words, tags, lengths in dev_loader:
            pred = tagger(words, lengths).argmax(-1)
            for row, gold, l in zip(pred.tolist(), tags.tolist(), lengths.tolist()):
                for p, t in zip(row[:l], gold[:l]):
                    n[t] += 1
                    hit[t] += p == t
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev accuracy {sum(hit) / sum(n):.4f}",
          " ".join(f"{t}={h / k:.2f}" for t, h, k in zip(TAGS, hit, n)))
