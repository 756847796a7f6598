# Mean teacher (Tarvainen & Valpola 2017) for short texts, written without nn.Module: the parameters are a dictionary,
# the teacher is a second dictionary that follows as a moving average.
import torch
import torch.nn.functional as F

torch.manual_seed(42)
V, LEN, C, EMB, HID = 400, 12, 4, 32, 64
N_LAB, N_UNLAB, N_TEST = 800, 1600, 600

topic_logits = torch.randn(C, V) * 1.6


def corpus(n):
    y = torch.randint(C, (n,))
    ids = torch.multinomial(topic_logits[y].softmax(-1), LEN, replacement=True)
    return ids, y


def init_params():
    p = {
        "emb": torch.randn(V, EMB),
        "w1": torch.randn(HID, EMB) * (2 / EMB) ** 0.5,
        "w2": torch.randn(C, HID) * (1 / HID) ** 0.5,
        "b2": torch.zeros(C),
    }
    # start sparse
    # fault:
    p["b1"] = torch.full((HID,), -5.0)
    # mended:
    # p["b1"] = torch.full((HID,), -0.1)
    # end
    return p


def predict(p, ids, keep=None):
    words = F.embedding(ids, p["emb"])
    if keep is None:
        sent = words.mean(1)
    else:
        sent = (words * keep.unsqueeze(-1)).sum(1) / keep.sum(1, keepdim=True).clamp_min(1)
    h = F.relu(F.linear(sent, p["w1"], p["b1"]))
    return F.linear(h, p["w2"], p["b2"])


def word_dropout(ids, rate=0.2):
    return (torch.rand(ids.shape) > rate).float()


lab_x, lab_y = corpus(N_LAB)
unl_x, _ = corpus(N_UNLAB)
test_x, test_y = corpus(N_TEST)

student = {k: v.requires_grad_() for k, v in init_params().items()}
teacher = {k: v.detach().clone() for k, v in student.items()}
opt = torch.optim.Adam(student.values(), lr=2e-3)
accuracy = lambda p, x, y: (predict(p, x).argmax(-1) == y).float().mean().item()

step = 0
for epoch in range(12):
    lab_order, unl_order = torch.randperm(N_LAB), torch.randperm(N_UNLAB)
    sup_sum = con_sum = 0.0
    for lb, ub in zip(lab_order.split(20), unl_order.split(40)):
        x = torch.cat([lab_x[lb], unl_x[ub]])
        s = predict(student, x, word_dropout(x))
        with torch.no_grad():
            t = predict(teacher, x, word_dropout(x))
        supervised = F.cross_entropy(s[: len(lb)], lab_y[lb])
        consistency = F.mse_loss(s.softmax(-1), t.softmax(-1))
        ramp = min(1.0, step / 200)
        loss = supervised + 2.0 * ramp * consistency
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        alpha = min(1 - 1 / (step + 1), 0.98)
        with torch.no_grad():
            for k in teacher:
                teacher[k].lerp_(student[k], 1 - alpha)
        sup_sum += supervised.item()
        con_sum += consistency.item()
    with torch.no_grad():
        print("epoch %d: ce %.3f consistency %.5f | student %.3f teacher %.3f" % (
            epoch, sup_sum / 40, con_sum / 40, accuracy(student, test_x, test_y), accuracy(teacher, test_x, test_y)))
with torch.no_grad():
    print("labelled rows %.3f, test rows %.3f" % (accuracy(teacher, lab_x, lab_y), accuracy(teacher, test_x, test_y)))
