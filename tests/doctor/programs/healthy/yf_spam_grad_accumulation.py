# SMS spam filter: 12 % spam, pos_weight, signed feature hashing, micro-batches of 8 accumulated to 32
import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

rs = np.random.RandomState(404)
torch.manual_seed(404)

HAM = """see you at the station later ok love did you call mum about dinner tonight running late sorry traffic is awful meeting moved
 to thursday can we talk homework finished thanks for yesterday happy birthday miss you where are you home soon bring milk kids asleep
 watching the game lol sure no problem lunch was great going to bed good night sleep well train delayed book shop weekend plans exam""".split()
SPAM = """free prize win winner cash claim urgent txt ringtone voucher guaranteed offer call now reward mobile selected bonus award
 discount loan credit unsubscribe click link exclusive deal cheap pills casino tones subscription congratulations lottery""".split()
SHARED = """the a to you your is for and in on of now call text me it we have this today get just new with time only week my phone""".split()


def sms(spam):
    n = rs.randint(7, 20)
    p_topic = 0.35 if spam else 0.03
    w = []
    for _ in range(n):
        u = rs.rand()
        w.append(rs.choice(SPAM) if u < p_topic else rs.choice(SHARED) if u < p_topic + 0.35 else rs.choice(HAM))
    if spam and rs.rand() < 0.5:
        w.append(str(rs.randint(80000, 89999)))
    return " ".join(w)


texts, y = [], []
got = set()
while len(texts) < 3000:
    s = int(rs.rand() < 0.12)
    t = sms(s)
    if t not in got:
        got.add(t); texts.append(t); y.append(s)
y = np.array(y, dtype=np.float32)

N = 1 << 10
import zlib
def hashed(text):
    v = np.zeros(N, np.float32)
    for w in text.split():
        w = "#num" if w.isdigit() else w
        h = zlib.crc32(w.encode())
        v[h % N] += 1.0 if (h >> 20) & 1 else -1.0
    return v / max(1.0, np.linalg.norm(v))

X = np.stack([hashed(t) for t in texts])
tr, te = slice(0, 2200), slice(2200, None)
Xtr, ytr, Xte, yte = torch.tensor(X[tr]), torch.tensor(y[tr]), torch.tensor(X[te]), torch.tensor(y[te])
print("spam share train %.3f  test %.3f" % (ytr.mean(), yte.mean()))

w = torch.nn.Linear(N, 1)
torch.nn.init.zeros_(w.weight)
pw = ((1 - ytr).sum() / ytr.sum()).sqrt()              # square root: a compromise between precision and recall
crit = torch.nn.BCEWithLogitsLoss(pos_weight=pw)
opt = torch.optim.RMSprop(w.parameters(), lr=0.03, weight_decay=1e-4)
micro, accum = 8, 4

for epoch in range(6):
    if epoch in (3, 5):
        for g in opt.param_groups:
            g["lr"] *= 0.3
    order = torch.randperm(len(ytr))
    chunks = order.split(micro)
    run = 0.0
    opt.zero_grad()
    for k, ix in enumerate(chunks, 1):
        loss = crit(w(Xtr[ix]).view(-1), ytr[ix])
        (loss / accum).backward()
        run += loss.item()
        if k % accum == 0 or k == len(chunks):
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        s, s_tr = torch.sigmoid(w(Xte).view(-1)), torch.sigmoid(w(Xtr).view(-1))
    print(f"epoch {epoch} loss {run / len(chunks):.4f} test AUC {roc_auc_score(yte, s):.4f} AP {average_precision_score(yte, s):.4f} "
          f"F1 {f1_score(yte, s > .5):.4f} (train F1 {f1_score(ytr, s_tr > .5):.4f})")
