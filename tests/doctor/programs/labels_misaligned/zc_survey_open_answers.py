# ## Coding open answers: "What worries you most about your town?"
# Wave 1 was coded by hand; wave 2 (coded too, by RB) shows how far the model can replace the coder.

# In[1]:
import re, random
import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import classification_report

SEED = 77
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

# In[2]: export of the survey tool: one answer per line, one code per line
CODES = ["housing", "traffic", "safety", "jobs"]
LEX = {
    "housing": "rent flat landlord mortgage tenants apartment homes affordable lease houses".split(),
    "traffic": "cars bus parking roads cyclists congestion tram noise crossing highway".split(),
    "safety": "crime burglary police theft dark gangs afraid assault vandals drugs".split(),
    "jobs": "factory wages unemployed closing work employers salary layoffs career shifts".split(),
}
SMALL = "the is a in my our too many really and of for at people town nothing always more since year".split()

def answer(code):
    n = random.randint(4, 11)
    keep = [random.choice(LEX[code]) if random.random() < .4 else random.choice(SMALL) for _ in range(n)]
    keep[random.randrange(n)] = random.choice(LEX[code])
    if random.random() < .25:
        keep[0] = random.choice(LEX[random.choice(CODES)])
    return (" ".join(keep)).capitalize() + random.choice([".", "", "!!", "..."])

def wave(n, p_blank):
    texts, codes = [], []
    for _ in range(n):
        c = random.choice(CODES)
        texts.append("" if random.random() < p_blank else answer(c))
        codes.append(c)
    return "\n".join(texts), "\n".join(codes)

w1_txt, w1_cod = wave(1300, .08)
w2_txt, w2_cod = wave(500, 0)

# In[3]:
def norm(t):
    return re.sub(r"[^a-z ]", "", t.lower()).strip()

answers1 = w1_txt.split("\n")
codes1 = w1_cod.split("\n")
# blank answers carry nothing
# fault:
answers1 = [a for a in answers1 if a.strip()]
codes1 = codes1[:len(answers1)]
# mended:
# pairs = [(a, c) for a, c in zip(answers1, codes1) if a.strip()]
# answers1, codes1 = [a for a, _ in pairs], [c for _, c in pairs]
# end
print(len(answers1), "answers in wave 1")

vec = CountVectorizer(preprocessor=norm, min_df=2)
X1 = torch.tensor(vec.fit_transform(answers1).toarray(), dtype=torch.float32)
y1 = torch.tensor([CODES.index(c) for c in codes1])
X2 = torch.tensor(vec.transform(w2_txt.split("\n")).toarray(), dtype=torch.float32)
y2 = torch.tensor([CODES.index(c) for c in w2_cod.split("\n")])

# In[4]:
coder = nn.Sequential(nn.Linear(X1.shape[1], 32), nn.ReLU(), nn.Dropout(.3), nn.Linear(32, len(CODES)))
opt = torch.optim.Adam(coder.parameters(), lr=5e-3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X1, y1), batch_size=64, shuffle=True)
for epoch in range(6):
    coder.train()
    s = 0
    for xb, yb in loader:
        opt.zero_grad()
        l = nn.functional.cross_entropy(coder(xb), yb)
        l.backward(); opt.step()
        s += l.item()
    print("epoch", epoch, "loss", round(s / len(loader), 3))

# In[5]:
coder.eval()
with torch.no_grad():
    p2 = coder(X2).argmax(1)
print(classification_report(y2.numpy(), p2.numpy(), target_names=CODES, zero_division=0))
print("agreement with RB:", round((p2 == y2).float().mean().item(), 3))
