"""Spare part retrieval.  Embed the words of a work order and the words of a part
description in one space; train with a margin between the right part and a random one."""
import torch
import torch.nn.functional as F

torch.manual_seed(5)

N_ORDER_WORDS, N_PART_WORDS = 180, 160
N_PARTS, PART_LEN, ORDER_LEN, DIM = 90, 5, 7, 24

# which order words are used along with which word of the part catalogue
related = torch.randint(0, N_ORDER_WORDS, (N_PART_WORDS, 3))
parts = torch.randint(0, N_PART_WORDS, (N_PARTS, PART_LEN))


def work_orders(n):
    target = torch.randint(0, N_PARTS, (n,))
    mentioned = parts[target].gather(1, torch.randint(0, PART_LEN, (n, ORDER_LEN)))
    words = related[mentioned].gather(2, torch.randint(0, 3, (n, ORDER_LEN, 1))).squeeze(2)
    chatter = torch.rand(n, ORDER_LEN) < 0.2
    words[chatter] = torch.randint(0, N_ORDER_WORDS, (int(chatter.sum()),))
    return words, target


orders, targets = work_orders(5000)
new_orders, new_targets = work_orders(600)

order_table = (0.2 * torch.randn(N_ORDER_WORDS, DIM)).requires_grad_()
part_table = (0.2 * torch.randn(N_PART_WORDS, DIM)).requires_grad_()
MARGIN = 0.5


def embed(ids, table):
    return F.normalize(F.embedding(ids, table).mean(dim=1), dim=-1)


def ranking_loss(order_vec, good_vec, other_vec):
    s_good = (order_vec * good_vec).sum(-1)
    s_other = (order_vec * other_vec).sum(-1)
    # fault:
    return F.relu(MARGIN + s_good - s_other).mean()
    # mended:
    #return F.relu(MARGIN - s_good + s_other).mean()
    # end


@torch.no_grad()
def retrieval(words, target):
    sim = embed(words, order_table) @ embed(parts, part_table).t()
    place = (sim > sim.gather(1, target[:, None])).sum(1)
    return (place == 0).float().mean().item(), (place < 5).float().mean().item(), (1 / (place + 1.0)).mean().item()


adam = torch.optim.Adam([order_table, part_table], lr=0.02)
for epoch in range(1, 11):
    perm = torch.randperm(len(orders))
    losses = []
    for i in range(0, len(perm), 50):
        rows = perm[i:i + 50]
        good = targets[rows]
        # never draw the right part as the other one
        other = (good + torch.randint(1, N_PARTS, good.shape)) % N_PARTS
        loss = ranking_loss(embed(orders[rows], order_table),
                            embed(parts[good], part_table),
                            embed(parts[other], part_table))
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    top1, top5, mrr = retrieval(new_orders, new_targets)
    print(f"epoch {epoch:2d}  loss {sum(losses) / len(losses):.4f}  new orders: top1 {top1:.3f}  top5 {top5:.3f}  mrr {mrr:.3f}")

print(f"top-5 on new work orders: {top5:.3f} (by chance {5 / N_PARTS:.3f})")
