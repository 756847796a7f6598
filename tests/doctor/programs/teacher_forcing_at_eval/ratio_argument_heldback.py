"""Turn clock times into words and back into digits with a classic encoder-decoder (teacher forcing ratio)."""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(43)
torch.manual_seed(43)
ONES = "zero one two three four five six seven eight nine".split()
PAD, SOS, EOS = 0, 1, 2
SRC = {w: i + 3 for i, w in enumerate(ONES + ["o'clock", "past", "to", "half", "quarter", "twenty"])}
TRG = {c: i + 3 for i, c in enumerate("0123456789:")}


def sample():
    digits = [random.randrange(10) for _ in range(4)]
    src = [SRC[ONES[d]] for d in digits]
    src.insert(2, SRC[random.choice(["past", "to"])])
    trg = [SOS] + [TRG[str(d)] for d in digits[2:]] + [TRG[":"]] + [TRG[str(d)] for d in digits[:2]] + [EOS]
    return src, trg


def loader(n, batch):
    rows = [sample() for _ in range(n)]
    for i in range(0, n, batch):
        s, t = zip(*rows[i:i + batch])
        yield torch.tensor(s).t(), torch.tensor(t).t()


class Encoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(len(SRC) + 3, emb)
        self.rnn = nn.GRU(emb, hid)

    def forward(self, src):
        return self.rnn(self.embedding(src))[1]


class Decoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.output_dim = len(TRG) + 3
        self.embedding = nn.Embedding(self.output_dim, emb)
        self.rnn = nn.GRU(emb + hid, hid)
        self.fc_out = nn.Linear(emb + 2 * hid, self.output_dim)

    def forward(self, token, hidden, context):
        e = self.embedding(token.unsqueeze(0))
        out, hidden = self.rnn(torch.cat((e, context), 2), hidden)
        return self.fc_out(torch.cat((e, out, context), 2).squeeze(0)), hidden


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(24, 64), Decoder(24, 64)

    def forward(self, src, trg, teacher_forcing_ratio=1.0):
        outputs = torch.zeros(trg.size(0), trg.size(1), self.decoder.output_dim)
        context = hidden = self.encoder(src)
        token = trg[0]
        for t in range(1, trg.size(0)):
            outputs[t], hidden = self.decoder(token, hidden, context)
            token = trg[t] if random.random() < teacher_forcing_ratio else outputs[t].argmax(1)
        return outputs


model = Seq2Seq()
optimizer = optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)


def evaluate():
    model.eval()
    loss, right, n = 0.0, 0, 0
    with torch.no_grad():
        for src, trg in loader(200, 100):
            # fault:
            output = model(src, trg)
            # mended:
            # output = model(src, trg, 0)
            # end
            loss += criterion(output[1:].flatten(0, 1), trg[1:].flatten()).item() / 2
            right += (output[1:].argmax(2) == trg[1:]).all(0).sum().item()
            n += trg.size(1)
    return loss, right / n


for epoch in range(5):
    model.train()
    for src, trg in loader(1600, 32):
        optimizer.zero_grad()
        output = model(src, trg)
        loss = criterion(output[1:].flatten(0, 1), trg[1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
    valid, exact = evaluate()
    print(f"epoch {epoch + 1} train loss {loss.item():.3f} valid loss {valid:.3f} times right {exact:.3f}")
