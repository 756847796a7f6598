"""Natural language to shell commands, after the PyTorch seq2seq tutorial (two modules, two optimizers), batched."""
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(51)
torch.manual_seed(51)
PAD, SOS, EOS = 0, 1, 2
FILES = "report.txt notes.md data.csv main.py photo.png setup.cfg index.html backup.tar log.txt todo.md".split()
DIRS = "docs src tmp home old shared images logs".split()
PATTERNS = "error warning todo total user import failed john".split()


def example():
    f, d, p, n = random.choice(FILES), random.choice(DIRS), random.choice(PATTERNS), str(random.randint(1, 9))
    return random.choice([
        (random.choice([f"please copy {f} to {d}", f"put a copy of {f} into {d}"]), f"cp {f} {d} /"),
        (random.choice([f"move {f} to {d}", f"{f} should go to the folder {d}"]), f"mv {f} {d} /"),
        (random.choice([f"delete {f} in {d}", f"remove from {d} the file {f}"]), f"rm {d} / {f}"),
        (random.choice([f"show the first {n} lines of {f}", f"what do the top {n} lines of {f} say"]), f"head -n {n} {f}"),
        (random.choice([f"show the last {n} lines of {f}", f"the bottom {n} lines of {f} please"]), f"tail -n {n} {f}"),
        (random.choice([f"search for {p} in {f}", f"which lines of {f} contain {p}"]), f"grep {p} {f}"),
        (random.choice([f"search for {p} in all files of {d}", f"look for {p} everywhere in {d}"]), f"grep -r {p} {d} /"),
        (random.choice([f"how many lines does {f} have", f"count the lines of {f} in {d}"]), f"wc -l {f}")])


examples = list(dict(example() for _ in range(4000)).items())
random.shuffle(examples)
train, dev = examples[:-200], examples[-200:]


class Lang:
    def __init__(self, sentences):
        words = sorted({w for s in sentences for w in s.split()})
        self.itos = ["<pad>", "<sos>", "<eos>"] + words
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def batch(self, sentences):
        rows = [[self.stoi[w] for w in s.split()] + [EOS] for s in sentences]
        out = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
        for i, r in enumerate(rows):
            out[i, :len(r)] = torch.tensor(r)
        return out


src_lang, tgt_lang = Lang([s for s, _ in examples]), Lang([t for _, t in examples])


class EncoderRNN(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n, hidden, padding_idx=PAD)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), (x != PAD).sum(1), batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]


class DecoderRNN(nn.Module):
    def __init__(self, hidden, n):
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(n, hidden, padding_idx=PAD)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n)

    def init_hidden(self, batch):
        return torch.zeros(1, batch, self.hidden)

    def forward(self, x, hidden):
        y, hidden = self.gru(self.embedding(x), hidden)
        return self.out(y), hidden


def start(encoder_hidden):
    # fault:
    return decoder.init_hidden(encoder_hidden.shape[1])
    # mended:
    # return encoder_hidden
    # end


@torch.no_grad()
def evaluate(pairs):
    hidden = start(encoder(src_lang.batch([s for s, _ in pairs])))
    tok, out = torch.full((len(pairs), 1), SOS), []
    for _ in range(8):
        y, hidden = decoder(tok, hidden)
        tok = y.argmax(-1)
        out.append(tok)
    texts = []
    for ids in torch.cat(out, 1).tolist():
        ids = ids[:ids.index(EOS)] if EOS in ids else ids
        texts.append(" ".join(tgt_lang.itos[i] for i in ids))
    return texts


encoder, decoder = EncoderRNN(len(src_lang.itos), 64), DecoderRNN(64, len(tgt_lang.itos))
encoder_optimizer = optim.Adam(encoder.parameters(), lr=6e-3)
decoder_optimizer = optim.Adam(decoder.parameters(), lr=6e-3)
schedulers = [optim.lr_scheduler.CosineAnnealingLR(o, 18) for o in (encoder_optimizer, decoder_optimizer)]
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
for epoch in range(18):
    random.shuffle(train)
    total = steps = 0
    for i in range(0, len(train), 32):
        pairs = train[i:i + 32]
        tgt = tgt_lang.batch([t for _, t in pairs])
        inp = torch.cat([torch.full((len(pairs), 1), SOS), tgt[:, :-1]], 1)
        logits, _ = decoder(inp, start(encoder(src_lang.batch([s for s, _ in pairs]))))
        loss = criterion(logits.transpose(1, 2), tgt)
        encoder_optimizer.zero_grad()
        decoder_optimizer.zero_grad()
        loss.backward()
        for m in (encoder, decoder):
            nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        encoder_optimizer.step()
        decoder_optimizer.step()
        total, steps = total + loss.item(), steps + 1
    for s in schedulers:
        s.step()
    hyp = evaluate(dev)
    print(f"epoch {epoch + 1:2d} loss {total / steps:.4f} exact {sum(h == t for h, (_, t) in zip(hyp, dev)) / len(dev):.3f} e.g. {dev[0][0]} -> {hyp[0]}")
