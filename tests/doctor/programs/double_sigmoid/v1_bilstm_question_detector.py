'''
Binary classification with a BiLSTM: is this (Tatoeba) sentence a question?
The question mark is stripped.  Follows the well known "Simple Sentiment Analysis" notebook.
'''
import gzip, os, random, re, time
from collections import Counter
import torch
import torch.nn as nn
import torch.optim as optim

SEED = 1234
random.seed(SEED); torch.manual_seed(SEED)
BATCH_SIZE, EMBEDDING_DIM, HIDDEN_DIM, N_EPOCHS = 64, 32, 24, 5

with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/tatoeba-fra-eng/fra.txt.gz'), 'rt', encoding='utf-8') as f:
    lines = [l.split('\t')[0] for _, l in zip(range(45000), f)][5000:]
pos, neg = {}, {}
for s in lines:
    toks = re.findall(r"[a-z']+", s.lower())
    if 4 <= len(toks) <= 9:
        (pos if s.endswith('?') else neg)[' '.join(toks)] = toks
both = set(pos) & set(neg)
pos = [t for k, t in pos.items() if k not in both]; neg = [t for k, t in neg.items() if k not in both]
random.shuffle(pos); random.shuffle(neg)
examples = [(t, 1.) for t in pos[:1400]] + [(t, 0.) for t in neg[:1400]]
random.shuffle(examples)
train_data, test_data = examples[:2300], examples[2300:]

counts = Counter(t for toks, _ in train_data for t in toks)
itos = ['<unk>', '<pad>'] + [w for w, c in counts.most_common(1500) if c > 1]
stoi = {w: i for i, w in enumerate(itos)}
print('vocab', len(itos), '| train', len(train_data), '| test', len(test_data))


def iterator(data, shuffle):
    data = list(data)
    if shuffle: random.shuffle(data)
    for i in range(0, len(data), BATCH_SIZE):
        chunk = data[i:i + BATCH_SIZE]
        lens = [len(t) for t, _ in chunk]
        text = torch.full((max(lens), len(chunk)), 1)
        for j, (t, _) in enumerate(chunk):
            text[:len(t), j] = torch.tensor([stoi.get(w, 0) for w in t])
        yield text, torch.tensor(lens), torch.tensor([y for _, y in chunk])


class RNN(nn.Module):
    def __init__(self, vocab_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, EMBEDDING_DIM, padding_idx=1)
        self.rnn = nn.LSTM(EMBEDDING_DIM, HIDDEN_DIM, bidirectional=True)
        self.fc = nn.Linear(HIDDEN_DIM * 2, 1)
        self.dropout = nn.Dropout(0.3)
        self.act = nn.Sigmoid()

    def forward(self, text, lens):
        # text = [sent len, batch size]
        embedded = self.dropout(self.embedding(text))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lens, enforce_sorted=False)
        _, (hidden, _) = self.rnn(packed)
        hidden = torch.cat((hidden[-2], hidden[-1]), dim=1)
        # fault:
        return self.act(self.fc(hidden)).squeeze(1)
        # mended:
        # return self.fc(hidden).squeeze(1)
        # end


model = RNN(len(itos))
optimizer = optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.BCEWithLogitsLoss()


def binary_accuracy(preds, y):
    rounded = torch.round(torch.sigmoid(preds))
    return (rounded == y).float().mean()


def run(data, train):
    model.train(train)
    loss_sum = acc_sum = n = 0
    with torch.set_grad_enabled(train):
        for text, lens, label in iterator(data, train):
            predictions = model(text, lens)
            loss = criterion(predictions, label)
            if train:
                optimizer.zero_grad(); loss.backward(); optimizer.step()
            loss_sum += loss.item() * len(label); n += len(label)
            acc_sum += binary_accuracy(predictions.detach(), label).item() * len(label)
    return loss_sum / n, acc_sum / n


for epoch in range(N_EPOCHS):
    start = time.time()
    tl, ta = run(train_data, True)
    vl, va = run(test_data, False)
    print(f'Epoch: {epoch+1:02} | Train Loss: {tl:.3f} | Train Acc: {ta*100:.2f}% | Val. Loss: {vl:.3f} | Val. Acc: {va*100:.2f}%')
