# Entity tagging for insurance claim messages. Sequences are padded to MAX_LEN because the exported
# model needs a fixed shape.
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.data import Dataset, DataLoader

np.random.seed(17)
torch.manual_seed(17)

MAX_LEN = 96
LABELS = ["O", "PART", "DAMAGE", "PLACE", "DATE"]
PAD_LABEL = -100
PARTS = "bumper door hood mirror fender windshield roof tailgate headlight wheel".split()
DAMAGES = "scratched dented cracked broken bent shattered torn burnt".split()
PLACES = "motorway carpark junction driveway roundabout garage tunnel".split()
DATES = "monday tuesday friday yesterday january march june".split()
GLUE = "the a my was on at in and then i saw that it got when we left other driver hit me near very please call about claim".split()
SLOTS = [(PARTS, 1), (DAMAGES, 2), (PLACES, 3), (DATES, 4)]


def message():
    toks, tags = [], []
    for _ in range(np.random.randint(5, 11)):
        if np.random.rand() < .45:
            bank, tag = SLOTS[np.random.randint(4)]
            toks.append(bank[np.random.randint(len(bank))]); tags.append(tag)
        else:
            toks.append(GLUE[np.random.randint(len(GLUE))]); tags.append(0)
    return toks, tags


class Claims(Dataset):
    def __init__(self, n, vocab=None):
        self.rows = [message() for _ in range(n)]
        self.vocab = vocab or {w: i for i, w in enumerate(["[PAD]"] + sorted({t for r in self.rows for t in r[0]} | {"[UNK]"}))}

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, tags = self.rows[i]
        gap = MAX_LEN - len(toks)
        ids = [self.vocab.get(t, self.vocab["[UNK]"]) for t in toks] + [0] * gap
        # fault:
        tags = tags + [LABELS.index("O")] * gap
        # mended:
        # tags = tags + [PAD_LABEL] * gap
        # end
        return {"input_ids": torch.tensor(ids), "labels": torch.tensor(tags), "length": len(toks)}


class BiGRU(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.embeddings = nn.Embedding(n_words, 20, padding_idx=0)
        self.gru = nn.GRU(20, 16, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(32, len(LABELS))

    def forward(self, input_ids, length):
        packed = pack_padded_sequence(self.embeddings(input_ids), length, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True, total_length=MAX_LEN)
        return self.classifier(states)


train_set = Claims(1100)
test_set = Claims(300, train_set.vocab)
loader = DataLoader(train_set, batch_size=20, shuffle=True)
model = BiGRU(len(train_set.vocab))
criterion = nn.CrossEntropyLoss(ignore_index=PAD_LABEL)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)


def entity_f1():
    tp = fp = fn = 0
    model.eval()
    with torch.no_grad():
        for b in DataLoader(test_set, batch_size=100):
            guess = model(b["input_ids"], b["length"]).argmax(-1)
            for g, t, n in zip(guess.tolist(), b["labels"].tolist(), b["length"].tolist()):
                for x, y in zip(g[:n], t[:n]):
                    tp += x == y != 0
                    fp += x != 0 and x != y
                    fn += y != 0 and x != y
    return 2 * tp / max(1, 2 * tp + fp + fn)


for epoch in range(4):
    model.train()
    losses = []
    for b in loader:
        logits = model(b["input_ids"], b["length"])
        loss = criterion(logits.reshape(-1, len(LABELS)), b["labels"].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}: train loss {np.mean(losses):.4f}, entity F1 {entity_f1():.3f}")
