# Toy French -> English with an encoder/decoder, following the usual seq2seq tutorial
import itertools
import random
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

subj = {"je": "i", "nous": "we", "elle": "she", "ils": "they", "marie": "marie", "paul": "paul"}
verb = {"mange": "eat", "vois": "see", "cherche": "seek", "achete": "buy", "prends": "take", "aime": "like"}
noun = {"pomme": "apple", "chaise": "chair", "voiture": "car", "maison": "house", "robe": "dress",
        "table": "table", "lettre": "letter", "fleur": "flower"}
adj = {"rouge": "red", "petite": "small", "neuve": "new", "vieille": "old", "": ""}


def sentence(s, v, n, a):
    fr = [s, v, "la", n, a]
    en = [subj[s], verb[v], "the", adj[a], noun[n]]
    return [x for x in fr if x], [x for x in en if x]


pairs = [sentence(*c) for c in itertools.product(subj, verb, noun, adj)]
random.shuffle(pairs)
train_pairs, test_pairs = pairs[:1120], pairs[1120:]


class Lang:
    def __init__(self):
        self.word2index = {"PAD": 0, "SOS": 1, "EOS": 2}
        self.index2word = ["PAD", "SOS", "EOS"]

    def add(self, words):
        for w in words:
            if w not in self.word2index:
                self.word2index[w] = len(self.index2word)
                self.index2word.append(w)


fra, eng = Lang(), Lang()
for f, e in train_pairs:
    fra.add(f)
    eng.add(e)


def tensors(batch):
    src = [torch.tensor([fra.word2index[w] for w in f] + [2]) for f, _ in batch]
    tgt = [torch.tensor([1] + [eng.word2index[w] for w in e] + [2]) for _, e in batch]
    lens = torch.tensor([len(s) for s in src])
    pad = nn.utils.rnn.pad_sequence
    return pad(src, batch_first=True), lens, pad(tgt, batch_first=True)


class EncoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden, padding_idx=0)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, x, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lens, batch_first=True, enforce_sorted=False)
        return self.gru(p)


class DecoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.hidden_size = hidden
        self.embedding = nn.Embedding(n, hidden, padding_idx=0)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n)

    def init_hidden(self, batch):
        return torch.zeros(1, batch, self.hidden_size)

    def forward(self, y, hidden):
        o, hidden = self.gru(self.embedding(y), hidden)
        return self.out(o), hidden


H = 64
encoder = EncoderRNN(len(fra.index2word), H)
decoder = DecoderRNN(len(eng.index2word), H)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=6e-3)
criterion = nn.CrossEntropyLoss(ignore_index=0)


def start_state(src, lens):
    _, encoder_hidden = encoder(src, lens)
    # fault:
    decoder_hidden = decoder.init_hidden(src.size(0))
    # mended:
    #decoder_hidden = encoder_hidden
    # end
    return decoder_hidden


@torch.no_grad()
def translate(batch, max_len=7):
    src, lens, _ = tensors(batch)
    hidden = start_state(src, lens)
    tok = torch.ones(len(batch), 1, dtype=torch.long)
    outs = []
    for _ in range(max_len):
        logits, hidden = decoder(tok, hidden)
        tok = logits.argmax(-1)
        outs.append(tok)
    res = []
    for row in torch.cat(outs, 1).tolist():
        row = row[:row.index(2)] if 2 in row else row
        res.append([eng.index2word[i] for i in row])
    return res


for epoch in range(1, 10):
    random.shuffle(train_pairs)
    total = 0.0
    for i in range(0, len(train_pairs), 24):
        src, lens, tgt = tensors(train_pairs[i:i + 24])
        logits, _ = decoder(tgt[:, :-1], start_state(src, lens))
        loss = criterion(logits.reshape(-1, logits.size(-1)), tgt[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in params if p.grad is not None], 1.0)
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 0:
        hyp = translate(test_pairs)
        exact = sum(h == e for h, (_, e) in zip(hyp, test_pairs)) / len(test_pairs)
        print(f"epoch {epoch} loss {total / 47:.4f} exact match on new sentences {exact:.3f}")

for (f, e), h in list(zip(test_pairs, translate(test_pairs[:4]))):
    print(" ".join(f), "=>", " ".join(h), "| wanted:", " ".join(e))
