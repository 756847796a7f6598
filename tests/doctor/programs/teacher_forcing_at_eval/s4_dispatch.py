"""Turns dispatch codes into the sentence that the radio operator speaks."""
import random
from dataclasses import dataclass
from typing import List

import torch
from torch import nn
import torch.nn.functional as F

UNITS = [f"U{i}" for i in range(1, 13)]
PLACES = {"HRB": "harbour gate", "STN": "central station", "MKT": "old market square", "HSP": "city hospital",
          "SCH": "north school", "BRG": "iron bridge", "PRK": "park lane", "APT": "airport terminal two"}
EVENTS = {"FIR": "a fire", "ACC": "a traffic accident", "MED": "a medical emergency", "BRG1": "a break in",
          "GAS": "a gas leak", "WTR": "a flooded cellar", "LFT": "people in a lift"}
PRIO = {"P1": "with blue lights", "P2": "as soon as possible", "P3": "when you are free"}
OPENERS = ["", "", "", "please"]


@dataclass
class Call:
    code: List[str]
    spoken: List[str]


def make_calls(n, rng):
    grid = [(u, p, e, r) for u in UNITS for p in PLACES for e in EVENTS for r in PRIO]
    calls = []
    for u, p, e, r in rng.sample(grid, n):
        text = f"{rng.choice(OPENERS)} unit {u[1:]} go to {PLACES[p]} for {EVENTS[e]} {PRIO[r]}"
        calls.append(Call([u, p, e, r], text.split()))
    return calls


class Lexicon:
    def __init__(self, sentences, specials=("<pad>", "<bos>", "<eos>")):
        self.words = list(specials) + sorted({w for s in sentences for w in s})
        self.ids = {w: i for i, w in enumerate(self.words)}

    def pad(self, sentences):
        width = max(map(len, sentences))
        return torch.tensor([[self.ids[w] for w in s] + [0] * (width - len(s)) for s in sentences])


class Speaker(nn.Module):
    def __init__(self, n_code, n_word, d=64):
        super().__init__()
        self.code = nn.Embedding(n_code, d)
        self.encoder = nn.GRU(d, d, batch_first=True)
        self.word = nn.Embedding(n_word, d, padding_idx=0)
        self.decoder = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, n_word)

    def look(self, states, memory):
        a = torch.softmax(states @ memory.transpose(1, 2) / states.size(-1) ** 0.5, -1)
        return self.out(torch.tanh(self.mix(torch.cat([states, a @ memory], -1))))

    def forward(self, code, words):
        memory, h = self.encoder(self.code(code))
        states, _ = self.decoder(self.word(words), h)
        return self.look(states, memory)

    def speak(self, code, steps, bos=1, eos=2):
        memory, h = self.encoder(self.code(code))
        w = torch.full((len(code), 1), bos)
        done = torch.zeros(len(code), dtype=torch.bool)
        said = []
        for _ in range(steps):
            s, h = self.decoder(self.word(w), h)
            w = self.look(s, memory).argmax(-1)
            said.append(w.masked_fill(done[:, None], 0))
            done |= w[:, 0] == eos
        return torch.cat(said, 1)


def word_accuracy(said, gold):
    real = gold != 0
    return ((said == gold) & real).sum().item() / real.sum().item()


def score(model, code, spoken):
    model.eval()
    with torch.no_grad():
        # fault:
        said = model(code, spoken[:, :-1]).argmax(-1)
        # mended:
        #said = model.speak(code, spoken.size(1) - 1)
        # end
    return word_accuracy(said, spoken[:, 1:]), said


def main(seed=29):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    calls = make_calls(1700, rng)
    code_lex = Lexicon([c.code for c in calls])
    word_lex = Lexicon([c.spoken for c in calls])
    code = code_lex.pad([c.code for c in calls])
    spoken = word_lex.pad([["<bos>"] + c.spoken + ["<eos>"] for c in calls])
    tr, te = slice(0, 1400), slice(1400, None)

    model = Speaker(len(code_lex.words), len(word_lex.words))
    opt = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(5):
        model.train()
        total = 0.0
        order = torch.randperm(1400)
        for idx in order.split(50):
            s = spoken[tr][idx]
            z = model(code[tr][idx], s[:, :-1])
            loss = F.cross_entropy(z.transpose(1, 2), s[:, 1:], ignore_index=0)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        acc, said = score(model, code[te], spoken[te])
        print(f"epoch {epoch}: loss {total / 28:.3f}  test word accuracy {acc:.3f}")
    for i in range(3):
        print(calls[1400 + i].code, "->", " ".join(word_lex.words[w] for w in said[i].tolist() if w > 2))


if __name__ == "__main__":
    main()
