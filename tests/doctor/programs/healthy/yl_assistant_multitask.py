# joint intent + slot model for a voice assistant toy corpus (ATIS style), BiLSTM, time-major tensors
import random
import torch
from torch import nn
R = random.Random(8); torch.manual_seed(8)

PEOPLE = [a + b for a in "an be cla di el fre gre hol is jo kar li mar no ol pat ros sam tim vi".split() for b in "a na ko ter ly".split()]
CITY = [a + b for a in "brad car dun east fair glen hart king lang mill nor oak pem ros shel".split() for b in "ford ton ham wick dale".split()]
SONG = [f"{a} {b}" for a in "blue silent golden lonely wild broken electric distant".split() for b in "river moon heart road summer fire letter train".split()]
HOUR = [f"{h} {s}" for h in "one two three four five six seven eight nine ten eleven noon".split() for s in ("sharp", "thirty", "fifteen")]
KIND = {"P": PEOPLE, "C": CITY, "S": SONG, "H": HOUR}
FORMS = {
    "call": ["call <P> at <H>", "please ring <P>  when we pass <C>", "get me <P> on the phone around <H>", "i need to speak with <P> and <P>"],
    "weather": ["will it rain in <C> at <H>", "forecast for <C> and <C>", "how warm is it around <C> by <H>", "do <P> and i need coats in <C>"],
    "music": ["play <S> for <P>", "put on <S> and then <S>", "wake <P> with <S> at <H>", "i want to hear <S> near <C>"],
    "travel": ["book a train from <C> to <C>", "how far is <C> from <C>", "ticket to <C> for <P> at <H>", "when does the <H> bus reach <C>"],
    "remind": ["remind me at <H> to visit <P>", "do not let me forget <P> in <C>", "set an alarm for <H> about <S>", "note that <P> comes by <H>"],
}
INTENTS = sorted(FORMS); TAGS = ["O", "P", "C", "S", "H"]
def say():
    k = R.choice(INTENTS); words, tags = [], []
    for w in R.choice(FORMS[k]).split():
        if w[0] == "<":
            for v in R.choice(KIND[w[1]]).split(): words.append(v); tags.append(w[1])
        else:
            words.append(w); tags.append("O")
    return tuple(words), tags, k
seen = {}
while len(seen) < 2300:
    w, t, k = say(); seen.setdefault(w, (t, k))
items = [(w, t, k) for w, (t, k) in seen.items()]
train, valid = items[:1900], items[1900:]
voc = {"_": 0, "?": 1}
for w, _, _ in train:
    for x in w: voc.setdefault(x, len(voc))
def tensors(part):
    T = max(len(w) for w, _, _ in part); B = len(part)
    x = torch.zeros(T, B, dtype=torch.long); t = torch.full((T, B), -1); k = torch.empty(B, dtype=torch.long)
    for j, (w, tg, it) in enumerate(part):
        x[:len(w), j] = torch.tensor([voc.get(v, 1) for v in w]); t[:len(w), j] = torch.tensor([TAGS.index(v) for v in tg]); k[j] = INTENTS.index(it)
    return x, t, k, torch.tensor([len(w) for w, _, _ in part])
class Joint(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(voc), 24, padding_idx=0)
        self.r = nn.LSTM(24, 24, bidirectional=True)
        self.tag, self.intent = nn.Linear(48, len(TAGS)), nn.Linear(48, len(INTENTS))
        self.log_var = nn.Parameter(torch.zeros(2))     # task weights are learned (Kendall et al. 2018)
    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.e(x), n, enforce_sorted=False)
        h, (last, _) = self.r(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(h, total_length=x.size(0))
        return self.tag(h), self.intent(torch.cat([last[0], last[1]], 1))
m = Joint()
opt = torch.optim.RMSprop(m.parameters(), lr=4e-3)
ce = nn.CrossEntropyLoss(ignore_index=-1)
def check(part):
    m.eval(); x, t, k, n = tensors(part)
    with torch.no_grad(): a, b = m(x, n)
    m.train(); live = t >= 0; hit = (a.argmax(-1) == t) | ~live
    return (b.argmax(-1) == k).float().mean().item(), hit[live].float().mean().item(), (hit.all(0) & (b.argmax(-1) == k)).float().mean().item()
for epoch in range(4):
    R.shuffle(train); s = 0
    for i in range(0, len(train), 38):
        x, t, k, n = tensors(train[i:i + 38])
        a, b = m(x, n)
        losses = torch.stack([ce(a.flatten(0, 1), t.flatten()), ce(b, k)])
        loss = (losses * torch.exp(-m.log_var) + m.log_var).sum()   # goes below zero when both tasks are easy
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    for g in opt.param_groups: g["lr"] *= .55
    print("epoch %d loss %.3f  valid intent %.3f slot %.3f whole sentence %.3f | train whole %.3f" % ((epoch, s * 38 / len(train)) + check(valid) + (check(train[:400])[2],)))
