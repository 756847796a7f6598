# Otel yorumları: olumlu mu, olumsuz mu?  Az sayıda etiketli yorum, hazır kelime vektörleri.
import random
import torch
import torch.nn as nn

random.seed(37)
torch.manual_seed(37)
DIM = 25
stems_pos = "güzel temiz rahat lezzetli sıcak güleryüzlü ferah huzurlu şık ilgili hızlı taze sessiz mükemmel harika kaliteli uygun geniş konforlu keyifli".split()
stems_neg = "kirli gürültülü soğuk bozuk pahalı kaba küçük karanlık kötü bayat ilgisiz yavaş eski berbat rezalet nemli sıkıcı yetersiz pis bakımsız".split()
stems_neu = "oda otel kahvaltı deniz havuz yatak personel yemek manzara banyo resepsiyon akşam sabah aile tatil plaj bahçe fiyat çarşaf balkon".split()
endings = ["", "di", "ydi", "dir", "mış", "lar", "ları", "ca", "lik", "siz", "ten", "imiz", "de", "den", "daki"]
words, tone = [], []
for stems, t in ((stems_pos, 1.0), (stems_neg, -1.0), (stems_neu, 0.0)):
    for s in stems:
        for e in endings:
            words.append(s + e)
            tone.append(t)
stoi = {w: i for i, w in enumerate(words)}
direction = torch.randn(DIM)
direction /= direction.norm()
vectors = torch.randn(len(words), DIM) * 0.3 + 1.0 * torch.tensor(tone)[:, None] * direction

groups = [[w for w, t in zip(words, tone) if t == k] for k in (-1.0, 0.0, 1.0)]


def review():
    y = random.randint(0, 1)
    out = []
    for _ in range(random.randint(5, 12)):
        r = random.random()
        out.append(random.choice(groups[1]) if r < 0.5 else random.choice(groups[2 * y]) if r < 0.84 else random.choice(groups[2 - 2 * y]))
    return [stoi[w] for w in out], y


labelled = [review() for _ in range(120)]
test = [review() for _ in range(1500)]


def collate(rows):
    ids = torch.tensor([w for r, _ in rows for w in r])
    offsets = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return ids, offsets, torch.tensor([y for _, y in rows])


# fault:
bag = nn.EmbeddingBag.from_pretrained(vectors, freeze=False, mode="mean")
# mended:
# bag = nn.EmbeddingBag.from_pretrained(vectors, freeze=True, mode="mean")
# end
clf = nn.Linear(DIM, 2)
opt = torch.optim.Adam([p for m in (bag, clf) for p in m.parameters() if p.requires_grad], lr=0.01)
for epoch in range(1, 31):
    random.shuffle(labelled)
    for k in range(0, len(labelled), 15):
        ids, off, y = collate(labelled[k:k + 15])
        loss = nn.functional.cross_entropy(clf(bag(ids, off)), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        with torch.no_grad():
            res = []
            for rows in (labelled, test):
                ids, off, y = collate(rows)
                z = clf(bag(ids, off))
                res += [(z.argmax(1) == y).float().mean().item(), nn.functional.cross_entropy(z, y).item()]
        print("tur %d  eğitim %.3f (kayıp %.3f)  test %.3f (kayıp %.3f)" % (epoch, *res))
