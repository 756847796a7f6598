"""Seq2seq exercise 4: a time of day and a speaker in, what the speaker says out. Times of the dev set never occur in training."""
import random

import torch
import torch.nn as nn

random.seed(40)
torch.manual_seed(40)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty"}
SPEAKERS = ["ann", "bob", "cleo"]


def number(n):
    return [ONES[n]] if n < 20 else [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])


def say(h, m, style):
    twelve = [ONES[h % 12 or 12]]
    if style == 0:
        return number(h) + ["hundred"] if m == 0 else number(h) + number(m)
    day = ["at", "night"] if h < 6 else ["in", "the", "morning"] if h < 12 else ["in", "the", "afternoon"] if h < 18 else ["this", "evening"]
    if style == 1:
        return ["it's"] + twelve + (number(m) if m else ["o'clock"]) + day
    if m <= 30:
        return (["half", "past"] if m == 30 else number(m) + ["past"] if m else ["exactly"]) + twelve + day
    return number(60 - m) + ["to"] + [ONES[(h + 1) % 12 or 12]] + day


def sample(times, n):
    rows = []
    for _ in range(n):
        h, m = random.choice(times)
        s = random.randrange(3)
        style = s if random.random() < 0.75 else random.randrange(3)  # nobody is consistent
        rows.append((s, h, m, say(h, m, style)))
    return rows


times = [(h, m) for h in range(24) for m in range(60)]
random.shuffle(times)
train, dev = sample(times[:1200], 5400), sample(times[1200:], 500)
words = ["<pad>", "<sos>", "<eos>"] + sorted({w for r in train for w in r[3]})
ID = {w: i for i, w in enumerate(words)}


def batchify(rows):
    src = torch.tensor([[10 + s, h // 10, h % 10, 13 + m // 10, 19 + m % 10] for s, h, m, _ in rows]).t()
    trg = [torch.tensor([1] + [ID[w] for w in t] + [2]) for _, _, _, t in rows]
    return src, nn.utils.rnn.pad_sequence(trg)


class Encoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(29, emb)
        self.rnn = nn.GRU(emb, hid)

    def forward(self, src):
        return self.rnn(self.embedding(src))[1].squeeze(0)


class Decoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(len(words), emb, padding_idx=0)
        self.rnn = nn.GRUCell(emb + hid, hid)
        self.fc_out = nn.Linear(hid * 2, len(words))

    def forward(self, token, hidden, context):
        hidden = self.rnn(torch.cat([self.embedding(token), context], 1), hidden)
        return self.fc_out(torch.cat([hidden, context], 1)), hidden


class Seq2Seq(nn.Module):
    def __init__(self, emb=24, hid=96):
        super().__init__()
        self.encoder, self.decoder = Encoder(emb, hid), Decoder(emb, hid)

    def forward(self, src, trg, teacher_forcing_ratio=0.8):
        context = hidden = self.encoder(src)
        outputs, token = [], trg[0]
        for t in range(1, len(trg)):
            output, hidden = self.decoder(token, hidden, context)
            outputs.append(output)
            token = trg[t] if random.random() < teacher_forcing_ratio else output.argmax(1)
        return torch.stack(outputs)


model = Seq2Seq()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss(ignore_index=0)


def evaluate(rows):
    model.eval()
    with torch.no_grad():
        src, trg = batchify(rows)
        # fault:
        output = model(src, trg, 1.0)
        # mended:
        # output = model(src, trg, 0.0)
        # end
        real = trg[1:] != 0
        loss = criterion(output.flatten(0, 1), trg[1:].flatten()).item()
        return loss, (output.argmax(2) == trg[1:])[real].float().mean().item()


for epoch in range(6):
    model.train()
    random.shuffle(train)
    epoch_loss = 0.0
    for i in range(0, len(train), 60):
        src, trg = batchify(train[i:i + 60])
        optimizer.zero_grad()
        loss = criterion(model(src, trg).flatten(0, 1), trg[1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        epoch_loss += loss.item() * 60 / len(train)
    val_loss, accuracy = evaluate(dev)
    print(f"Epoch {epoch + 1:02} | Train loss {epoch_loss:.3f} | Val. loss {val_loss:.3f} | Val. words right {accuracy:.3f}")
