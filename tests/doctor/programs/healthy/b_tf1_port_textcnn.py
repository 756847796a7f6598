# Ported from a TensorFlow 1 text-cnn (Kim 2014): variables in a dict, feed dicts, a "session", global_step, summaries.
import time
import numpy as np
import torch
import torch.nn.functional as F

FLAGS = dict(seq_len=16, emb_dim=24, filter_sizes=(2, 3), num_filters=24, keep_prob=0.5, l2=1e-3, batch=50, max_steps=600, check=100, lr=2e-3)
np.random.seed(10)
torch.manual_seed(10)

# ------------------------------------------------------------------ data: assistant commands, 5 intents told by bigrams
FILL = ["please", "now", "the", "a", "my", "for", "me", "hey", "so", "could", "you", "and", "then", "it", "just", "thanks"] + [f"noun{i}" for i in range(120)]
OPEN = {"switch": 0, "play": 1, "set": 2, "show": 3, "send": 4}
OBJ = ["light", "music", "alarm", "weather", "mail"]


def command():
    """The intent is the object that comes right after a verb; other objects stand about as decoys."""
    n = np.random.randint(7, 17)
    s = list(np.random.choice(FILL, n))
    p = np.random.randint(0, n - 1)
    y = np.random.randint(5)
    s[p], s[p + 1] = np.random.choice(list(OPEN)), OBJ[y]
    free = [i for i in range(n) if i not in (p, p + 1, p - 1, p + 2)]
    for i in np.random.choice(free, 2, replace=False):
        if i - 1 != p and i + 1 != p:
            s[i] = OBJ[np.random.randint(5)]
    return s, y


data = [command() for _ in range(5500)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in data[:5000] for w in s}))}
x_all = np.zeros((len(data), FLAGS["seq_len"]), np.int64)
for r, (s, _) in enumerate(data):
    x_all[r, :len(s)] = [vocab.get(w, 0) for w in s]
y_all = np.array([y for _, y in data])
x_train, y_train, x_dev, y_dev = x_all[:5000], y_all[:5000], x_all[5000:], y_all[5000:]
print("Vocabulary Size: %d  Train/Dev split: %d/%d" % (len(vocab), len(y_train), len(y_dev)))

# ------------------------------------------------------------------ graph
variables = {}


def get_variable(name, shape, stddev):
    if name not in variables:
        v = torch.nn.init.trunc_normal_(torch.empty(*shape), std=stddev) if stddev else torch.full(shape, 0.1)
        variables[name] = v.requires_grad_()
    return variables[name]


def build(feed):
    x = torch.as_tensor(feed["input_x"])
    W = get_variable("embedding/W", (len(vocab) + 1, FLAGS["emb_dim"]), 0.3)
    real = (x > 0).unsqueeze(-1).float()
    e = (F.embedding(x, W) * real).transpose(1, 2)
    pooled = []
    for k in FLAGS["filter_sizes"]:
        w = get_variable(f"conv-{k}/W", (FLAGS["num_filters"], FLAGS["emb_dim"], k), 0.12)
        b = get_variable(f"conv-{k}/b", (FLAGS["num_filters"],), 0)
        c = F.relu(F.conv1d(e, w, b))
        pooled.append((c * real[:, :c.shape[-1], 0].unsqueeze(1)).amax(-1))   # windows that start on padding count for nothing
    h = F.dropout(torch.cat(pooled, 1), 1 - feed["keep_prob"], training=feed["keep_prob"] < 1)
    scores = h @ get_variable("out/W", (h.shape[1], 5), 0.15) + get_variable("out/b", (5,), 0)
    y = torch.as_tensor(feed["input_y"])
    loss = F.cross_entropy(scores, y) + FLAGS["l2"] * 0.5 * (variables["out/W"] ** 2).sum()
    return loss, (scores.argmax(1) == y).float().mean()


def batch_iter():
    while True:
        for idx in np.array_split(np.random.permutation(len(y_train)), len(y_train) // FLAGS["batch"]):
            yield {"input_x": x_train[idx], "input_y": y_train[idx], "keep_prob": FLAGS["keep_prob"]}


with torch.no_grad():
    build(next(batch_iter()))                                    # creates the variables
train_op = torch.optim.Adam(list(variables.values()), lr=FLAGS["lr"])
t0, smooth = time.time(), None
for global_step, feed in enumerate(batch_iter(), 1):
    train_op.zero_grad()
    loss, accuracy = build(feed)
    loss.backward()
    train_op.step()
    smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
    if global_step % FLAGS["check"] == 0:
        with torch.no_grad():
            dl, da = build({"input_x": x_dev, "input_y": y_dev, "keep_prob": 1.0})
        print("step %d, train loss (smoothed) %.4f, dev loss %.4f, dev acc %.4f" % (global_step, smooth, dl, da))
    if global_step == FLAGS["max_steps"]:
        break
print("took %.1fs" % (time.time() - t0))
