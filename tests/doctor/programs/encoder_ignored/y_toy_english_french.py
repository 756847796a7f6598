# seq2seq for beginners: toy English -> French.  Rewritten from the classic tutorial, but with batches.
import random
import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)

NOUNS = {"cat": ("chat", "m"), "dog": ("chien", "m"), "mouse": ("souris", "f"), "girl": ("fille", "f"),
         "boy": ("garçon", "m"), "cow": ("vache", "f"), "horse": ("cheval", "m"), "queen": ("reine", "f")}
ADJS = {"small": ("petit", "petite"), "big": ("grand", "grande"), "black": ("noir", "noire"),
        "green": ("vert", "verte"), "old": ("vieux", "vieille")}
VERBS = {"sees": "voit", "eats": "mange", "loves": "aime", "follows": "suit", "hears": "entend"}
DETS = {"the": ("le", "la"), "a": ("un", "une"), "my": ("mon", "ma")}


def phrase():
    det, adj, noun = random.choice(list(DETS)), random.choice(list(ADJS)), random.choice(list(NOUNS))
    fr, gender = NOUNS[noun]
    g = 0 if gender == "m" else 1
    return f"{det} {adj} {noun}", f"{DETS[det][g]} {fr} {ADJS[adj][g]}"


def sentence():
    (s_en, s_fr), verb = phrase(), random.choice(list(VERBS))
    if random.random() < 0.4:
        return f"{s_en} {verb}", f"{s_fr} {VERBS[verb]}"
    noun = random.choice(list(NOUNS))
    g = 0 if NOUNS[noun][1] == "m" else 1
    return f"{s_en} {verb} the {noun}", f"{s_fr} {VERBS[verb]} {DETS['the'][g]} {NOUNS[noun][0]}"


pairs = list({sentence(): None for _ in range(4000)})
test_pairs, train_pairs = pairs[:250], pairs[250:2450]


class Lang:
    def __init__(self, sentences):
        self.itos = ["<pad>", "<sos>", "<eos>"] + sorted({w for s in sentences for w in s.split()})
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def ids(self, s):
        return [self.stoi[w] for w in s.split()] + [2]


en, fr = Lang([p[0] for p in pairs]), Lang([p[1] for p in pairs])


def tensors(batch):
    src = [torch.tensor(en.ids(a)) for a, _ in batch]
    tgt = [torch.tensor([1] + fr.ids(b)) for _, b in batch]
    lens = torch.tensor([len(s) for s in src])
    pad = nn.utils.rnn.pad_sequence
    return pad(src, batch_first=True), lens, pad(tgt, batch_first=True)


class EncoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, 32, padding_idx=0)
        self.gru = nn.GRU(32, hidden, batch_first=True)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lens, batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]

    def initHidden(self, batch):
        return torch.zeros(1, batch, self.gru.hidden_size)


class DecoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, 32, padding_idx=0)
        self.gru = nn.GRU(32, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n)

    def forward(self, words, hidden):
        states, hidden = self.gru(self.embedding(words), hidden)
        return self.out(states), hidden


encoder, decoder = EncoderRNN(len(en.itos), 72), DecoderRNN(len(fr.itos), 72)
enc_opt = torch.optim.Adam(encoder.parameters(), lr=8e-3)
dec_opt = torch.optim.Adam(decoder.parameters(), lr=8e-3)
criterion = nn.CrossEntropyLoss(ignore_index=0)


def start_of_decoder(src, lens):
    encoder_hidden = encoder(src, lens)
    # fault:
    decoder_hidden = encoder.initHidden(src.size(0))
    # mended:
    # decoder_hidden = encoder_hidden
    # end
    return decoder_hidden


def translate(batch):
    with torch.no_grad():
        src, lens, tgt = tensors(batch)
        hidden, word, out = start_of_decoder(src, lens), torch.ones(len(batch), 1, dtype=torch.long), []
        for _ in range(tgt.size(1) + 1):
            logits, hidden = decoder(word, hidden)
            word = logits.argmax(-1)
            out.append(word)
    rows = torch.cat(out, 1).tolist()
    return [" ".join(fr.itos[i] for i in (r[:r.index(2)] if 2 in r else r)) for r in rows]


for epoch in range(1, 7):
    random.shuffle(train_pairs)
    total = steps = 0
    for i in range(0, len(train_pairs), 50):
        src, lens, tgt = tensors(train_pairs[i:i + 50])
        logits, _ = decoder(tgt[:, :-1], start_of_decoder(src, lens))
        loss = criterion(logits.transpose(1, 2), tgt[:, 1:])
        enc_opt.zero_grad(); dec_opt.zero_grad()
        loss.backward()
        enc_opt.step(); dec_opt.step()
        total += loss.item(); steps += 1
    guesses = translate(test_pairs)
    exact = sum(g == b for g, (_, b) in zip(guesses, test_pairs)) / len(test_pairs)
    print(f"epoch {epoch}  loss {total / steps:.3f}  test sentences exactly right {exact:.1%}")
for (a, b), g in list(zip(test_pairs, guesses))[:3]:
    print(">", a, "| =", b, "| <", g)
