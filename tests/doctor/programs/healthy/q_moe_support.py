# Mixture of experts for support tickets in three languages.
# The gate sees a mean of character-trigram vectors (language), the experts see the words.
import random
import torch
from torch import nn
from torch.nn import functional as F

random.seed(77)
torch.manual_seed(77)

LEX = {
    "en": {"billing": "invoice charge refund payment price discount".split(), "login": "password account locked username code sign".split(),
           "shipping": "parcel courier delivery address late tracking".split(), "bug": "crash freeze error screen button slow".split(),
           "": "the is my a please since and with again still it was have you".split()},
    "de": {"billing": "rechnung abbuchung erstattung zahlung preis rabatt".split(), "login": "passwort konto gesperrt benutzername kennwort anmelden".split(),
           "shipping": "paket bote lieferung anschrift verspätet sendung".split(), "bug": "absturz hängt fehler bildschirm knopf langsam".split(),
           "": "der ist mein die bitte seit und mit wieder noch es war habe sie".split()},
    "tr": {"billing": "fatura ücret iade ödeme fiyat indirim".split(), "login": "şifre hesap kilitli kullanıcı kod giriş".split(),
           "shipping": "paket kurye teslimat adres geç takip".split(), "bug": "çöktü dondu hata ekran düğme yavaş".split(),
           "": "bu benim bir lütfen beri ve ile tekrar hala çok oldu var siz gün".split()},
}
QUEUES = ["billing", "login", "shipping", "bug"]


def ticket():
    lang, queue = random.choice(list(LEX)), random.randrange(4)
    words = [random.choice(LEX[lang][""]) for _ in range(random.randint(4, 12))]
    words += random.choices(LEX[lang][QUEUES[queue]], k=random.randint(1, 3))
    if random.random() < 0.35:                    # a stray word of another queue
        words.append(random.choice(LEX[lang][QUEUES[random.randrange(4)]]))
    random.shuffle(words)
    return " ".join(words), queue, lang


pool = {}
while len(pool) < 4200:
    t, q, l = ticket()
    pool.setdefault(t, (q, l))
items = [(t, q, l) for t, (q, l) in pool.items()]
train, dev = items[:3400], items[3400:]

words = {w: i for i, w in enumerate(sorted({w for t, _, _ in train for w in t.split()}))}
BUCKETS = 500


def bucket(tri):
    h = 7
    for ch in tri:
        h = (h * 131 + ord(ch)) % 1000003
    return h % BUCKETS


def batch(rows):
    wi, wo, ti, to = [], [], [], []
    for text, _, _ in rows:
        wo.append(len(wi))
        wi += [words[w] for w in text.split() if w in words]
        to.append(len(ti))
        s = f" {text} "
        ti += [bucket(s[k:k + 3]) for k in range(len(s) - 2)]
    return tuple(map(torch.tensor, (wi, wo, ti, to))) + (torch.tensor([q for _, q, _ in rows]),)


class Experts(nn.Module):
    def __init__(self, k=4, dim=24, out=4):
        super().__init__()
        self.words = nn.EmbeddingBag(len(words), dim, mode="sum")
        nn.init.normal_(self.words.weight, std=0.3)
        self.tri = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.gate = nn.Linear(16, k)
        self.w1 = nn.Parameter(torch.randn(k, dim, 16) / dim ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(k, 16))
        self.w2 = nn.Parameter(torch.randn(k, 16, out) / 4)
        self.b2 = nn.Parameter(torch.zeros(k, out))

    def forward(self, wi, wo, ti, to):
        x = self.words(wi, wo)
        p = torch.softmax(self.gate(self.tri(ti, to)), dim=-1)                     # (B, k)
        h = torch.tanh(torch.einsum("bd,kdh->bkh", x, self.w1) + self.b1)
        logits = torch.einsum("bkh,kho->bko", h, self.w2) + self.b2
        return F.log_softmax(logits, dim=-1), p


def mixture_nll(logq, p, y):
    # log sum_k p_k q_k(y)
    pick = logq.gather(2, y.view(-1, 1, 1).expand(-1, logq.size(1), 1)).squeeze(2)
    return -torch.logsumexp(p.log() + pick, dim=1).mean()


def balance(p):
    use = p.mean(0)                                # how much each expert is used in this batch
    return (use * use).sum() * p.size(1) - 1.0     # 0 when all are used alike


net = Experts()
opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-3)
for epoch in range(4):
    random.shuffle(train)
    run = 0.0
    for k in range(0, len(train), 50):
        *inp, y = batch(train[k:k + 50])
        logq, p = net(*inp)
        loss = mixture_nll(logq, p, y) + 0.02 * balance(p)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        run += loss.item()
    net.eval()
    res = []
    with torch.no_grad():
        for part in (train[:800], dev):
            *inp, y = batch(part)
            logq, p = net(*inp)
            mix = (p.unsqueeze(2) * logq.exp()).sum(1)
            res.append((mix.argmax(1) == y).float().mean().item())
    net.train()
    print(f"epoch {epoch + 1}: loss {run / (len(train) / 50):.4f}  train part {res[0]:.3f}  dev {res[1]:.3f}  "
          f"expert use {[round(v, 2) for v in p.mean(0).tolist()]}")
