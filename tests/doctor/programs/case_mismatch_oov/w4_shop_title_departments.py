"""Sort product titles of a web shop into departments (titles as the shop shows them)."""
import gzip, os, random
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

DEPARTMENTS = {
    "kitchen": "Kitchen Cooking Oven Bowl Cup Knife Coffee Tea Bread Soup Sugar Butter Milk Cheese Wine Dinner Bottle Rice Chicken Fish Salt Lemon Chocolate Cream",
    "garden": "Garden Trees Flowers Grass Soil Plants Seeds Tree Flower Plant Roses Water Stone Wood Leaves Yard Fruit Pond Fence Roots Farm Forest Bush Birds",
    "music": "Guitar Piano Drum Jazz Album Song Songs Bass Band Musical Orchestra Symphony Violin Concert Opera Singer Dance Rock Pop Music Folk Blues Vocal Drums",
    "computer": "Computer Software Laptop Server Keyboard Internet Digital Data Chip Apple Microsoft Windows Linux Video Electronic Web Browser Disk Memory Mobile Wireless Computers Pc Intel",
    "sport": "Football Soccer Tennis Basketball Golf Hockey Baseball League Team Players Ball Game Cup Coach Match Tournament Olympic Swimming Racing Rugby Cricket Champion Skating Volleyball",
}
COMMON = "New Classic Small Large Best Quality Set Of And For The With Home Series Pack Original Red Black White Two Great Value".split()
names = list(DEPARTMENTS)


def title():
    k = random.randrange(len(names))
    pool = DEPARTMENTS[names[k]].split()
    t = random.sample(pool, random.randint(2, 3)) + random.sample(COMMON, random.randint(2, 5))
    if random.random() < .3:
        other = DEPARTMENTS[random.choice(names)].split()
        t.append(random.choice(other))
    random.shuffle(t)
    return " ".join(t), k


rows = list({title() for _ in range(3600)})
rows.sort(); random.shuffle(rows)
train_rows, test_rows = rows[:2800], rows[2800:]

word2id, matrix = {"<unk>": 0}, [torch.zeros(50)]
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        p = line.split()
        word2id[p[0]] = len(matrix)
        matrix.append(torch.tensor([float(x) for x in p[1:]]))
matrix = torch.stack(matrix)


def to_ids(text):
    # fault:
    return [word2id.get(w, 0) for w in text.split()]
    # mended:
    # return [word2id.get(w, 0) for w in text.lower().split()]
    # end


def collate(part):
    ids = [torch.tensor(to_ids(t)) for t, _ in part]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([k for _, k in part])


train_dl = torch.utils.data.DataLoader(train_rows, batch_size=32, shuffle=True, collate_fn=collate)
test_dl = torch.utils.data.DataLoader(test_rows, batch_size=200, collate_fn=collate)

bag = nn.EmbeddingBag.from_pretrained(matrix, freeze=True, mode="mean")
head = nn.Sequential(nn.Linear(50, 40), nn.ReLU(), nn.Dropout(0.1), nn.Linear(40, len(names)))
sgd = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)

for epoch in range(8):
    head.train()
    losses = []
    for flat, off, target in train_dl:
        loss = nn.functional.cross_entropy(head(bag(flat, off)), target)
        sgd.zero_grad(); loss.backward(); sgd.step()
        losses.append(loss.detach())
    head.eval()
    with torch.no_grad():
        hit = sum((head(bag(f, o)).argmax(1) == t).sum().item() for f, o, t in test_dl)
    print("epoch", epoch, "loss %.4f" % torch.stack(losses).mean(), "test accuracy %.4f" % (hit / len(test_rows)))
