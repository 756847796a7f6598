"""List the next stops that a vague request is about, with a classic encoder-decoder (teacher forcing ratio)."""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(43)
torch.manual_seed(43)
LINES = 6
PAD, SOS, EOS = 0, 1, 2
stations = [f"station{i}" for i in range(24)]
route = [random.sample(range(24), 6) for _ in range(LINES)]
hints = [[f"hint{k}_{i}" for i in range(4)] for k in range(LINES)]
vague = "the next one to my usual place please any train".split()
SRC = {w: i + 3 for i, w in enumerate(vague + sum(hints, []))}
TRG = {s: i + 3 for i, s in enumerate(stations)}


def sample():
    k = random.randrange(LINES)
    words = [random.choice(vague) if random.random() < 0.6 else random.choice(hints[k]) for _ in range(3)] + random.choices(vague, k=3)
    return [SRC[w] for w in words], [SOS] + [s + 3 for s in route[k]] + [EOS]


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
            right += (output[1:].argmax(2) == trg[1:]).sum().item()
            n += trg[1:].numel()
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
    print(f"epoch {epoch + 1} train loss {loss.item():.3f} valid loss {valid:.3f} stops right {exact:.3f}")
