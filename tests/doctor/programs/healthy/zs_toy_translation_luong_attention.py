# Teaching material, week 9: an encoder-decoder with Luong attention on a made-up language pair.
# The target language puts adjectives behind nouns, the verb at the end, and its articles agree with the noun.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
PAD, BOS, EOS = 0, 1, 2
NOUNS = {"dog": ("kano", "m"), "cat": ("mira", "f"), "bird": ("pilo", "m"), "queen": ("rega", "f"), "tree": ("bomo", "m"),
         "river": ("luva", "f"), "teacher": ("dako", "m"), "child": ("nena", "f"), "horse": ("toro", "m"), "house": ("sasa", "f")}
ADJS = {"old": "vet", "small": "min", "red": "rud", "quick": "fel", "sad": "tris", "white": "alb"}
VERBS = {"sees": "vidas", "loves": "amas", "hears": "odas", "finds": "tovas", "paints": "pentas", "follows": "sekvas"}
ART = {("the", "m"): "lo", ("the", "f"): "la", ("a", "m"): "un", ("a", "f"): "una"}


def noun_phrase():
    noun, (word, g) = random.choice(list(NOUNS.items()))
    art = random.choice(["the", "a"])
    adjs = random.sample(list(ADJS), random.choice([0, 1, 1, 2]))
    end = "o" if g == "m" else "a"
    return [art] + adjs + [noun], [ART[art, g], word] + [ADJS[a] + end for a in reversed(adjs)]


def sentence():
    (s1, t1), (s2, t2), v = noun_phrase(), noun_phrase(), random.choice(list(VERBS))
    neg = random.random() < 0.2
    return tuple(s1 + (["never"] if neg else []) + [v] + s2), tuple(t1 + t2 + (["nul"] if neg else []) + [VERBS[v]])


pairs = list(dict.fromkeys(sentence() for _ in range(3400)))[:2900]
train, test = pairs[:-300], pairs[-300:]
src_words = ["<pad>", "<s>", "</s>"] + sorted({w for s, _ in pairs for w in s})
tgt_words = ["<pad>", "<s>", "</s>"] + sorted({w for _, t in pairs for w in t})
S, T = ({w: i for i, w in enumerate(ws)} for ws in (src_words, tgt_words))


def tensorize(batch):
    src = [[S[w] for w in s] + [EOS] for s, _ in batch]
    tgt = [[BOS] + [T[w] for w in t] + [EOS] for _, t in batch]
    return [torch.tensor([r + [PAD] * (max(map(len, rows)) - len(r)) for r in rows]) for rows in (src, tgt)]


class Seq2Seq(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.se = nn.Embedding(len(S), d, padding_idx=PAD)
        self.te = nn.Embedding(len(T), d, padding_idx=PAD)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.att = nn.Linear(h, h, bias=False)
        self.mix = nn.Linear(2 * h, h)
        self.out = nn.Linear(h, len(T))

    def encode(self, src):
        n = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.se(src), n, batch_first=True, enforce_sorted=False)
        states, h = self.enc(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([h[0], h[1]], 1).unsqueeze(0), src == PAD

    def decode(self, y, memory, h, mask):
        q, h = self.dec(self.te(y), h)
        score = q @ self.att(memory).transpose(1, 2)
        ctx = score.masked_fill(mask.unsqueeze(1), -1e9).softmax(-1) @ memory
        return self.out(torch.tanh(self.mix(torch.cat([q, ctx], -1)))), h

    @torch.no_grad()
    def greedy(self, src, limit=14):
        memory, h, mask = self.encode(src)
        y = torch.full((len(src), 1), BOS)
        done, words = torch.zeros(len(src), dtype=torch.bool), []
        for _ in range(limit):
            logits, h = self.decode(y, memory, h, mask)
            y = logits.argmax(-1)
            words.append(y.squeeze(1).masked_fill(done, PAD))
            done |= y.squeeze(1) == EOS
            if done.all():
                break
        return torch.stack(words, 1)


def exact(rows):
    model.eval()
    src, tgt = tensorize(rows)
    out, gold = model.greedy(src), tgt[:, 1:]
    strip = lambda r: [i for i in r.tolist() if i != PAD]
    return sum(strip(a) == strip(b) for a, b in zip(out, gold)) / len(rows)


model = Seq2Seq()
EPOCHS, B = 5, 80
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * len(train) // B, eta_min=1e-4)
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    total = 0.0
    for s in range(0, len(train), B):
        src, tgt = tensorize(train[s:s + B])
        logits, _ = model.decode(tgt[:, :-1], *model.encode(src))
        loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / (len(train) // B):.4f}, whole sentences right (greedy): train {exact(train[:200]):.3f}, test {exact(test):.3f}")
for s, t in test[:2]:
    out = model.greedy(tensorize([(s, t)])[0])[0].tolist()
    print(" ".join(s), "=>", " ".join(tgt_words[i] for i in out if i > EOS), "| gold:", " ".join(t))
