"""M3CoL's omics model on ROSMAP's shape: the phase that contrasts mixed inputs, and the one with soft targets."""
import torch

from harness import F, Workload, adam, nn, perceptron, serve

BATCH, FEATURES, CLASSES, BETA = 245, 200, 2, 0.1


class M3CoL(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.encoders = nn.ModuleList(perceptron(FEATURES, width, width) for _ in range(3))
        self.heads = nn.ModuleList(perceptron(width, width, CLASSES) for _ in range(3))
        self.fused = perceptron(3 * width, width, CLASSES)

    def supervised(self, embeddings, labels):
        fused = F.cross_entropy(self.fused(torch.cat(embeddings, 1)), labels)
        return sum((F.cross_entropy(head(z), labels) for head, z in zip(self.heads, embeddings)), fused)


def unit(rows):
    return [F.normalize(z, dim=1, eps=1e-12) for z in rows]


def towards(scores, targets):
    """Cross-entropy of rows of scores against soft targets."""
    return -(targets * scores.log_softmax(1)).sum(1).mean()


def m3co(mixed, clean, targets):
    scores = mixed @ clean.T / 0.1
    return (towards(scores, targets) + towards(scores.T, targets.T)) / 2


def soft_clip(a, b):
    targets, scores = (b @ b.T / 0.125).softmax(1), a @ b.T / 0.125
    return (towards(scores, targets) + towards(scores.T, targets)) / 2


def first_phase(model, inputs, draws):
    x, embeddings = [inputs[f"x{m}"] for m in (1, 2, 3)], []
    mixed, targets = [], []
    for m, encoder in enumerate(model.encoders):
        partner, share = draws["permutations"][m].long(), draws["lambdas"][m].unsqueeze(1)
        embeddings.append(encoder(x[m]))
        mixed.append(encoder(share * x[m] + (1 - share) * x[m][partner]))
        own = torch.diag(draws["lambdas"][m])
        targets.append(own.index_put((torch.arange(BATCH), partner), 1 - draws["lambdas"][m], accumulate=True))
    z, mixtures = unit(embeddings), unit(mixed)
    contrast = sum(m3co(mixtures[m], z[(m + 1) % 3], targets[m]) for m in range(3))
    return model.supervised(embeddings, inputs["labels"].long()) + BETA * contrast


def second_phase(model, inputs, draws):
    embeddings = [encoder(inputs[f"x{m}"]) for m, encoder in enumerate(model.encoders, 1)]
    z = unit(embeddings)
    contrast = sum(soft_clip(z[m], z[(m + 1) % 3]) for m in range(3))
    return model.supervised(embeddings, inputs["labels"].long()) + BETA * contrast


beta = torch.distributions.Beta(torch.tensor(0.15), torch.tensor(0.15))


def draws():
    shares = beta.sample((3, BATCH))
    return {"permutations": torch.stack([torch.randperm(BATCH) for _ in range(3)]),
            "lambdas": torch.where(torch.rand(3, BATCH) > 0.5, 1.0, shares)}


def workloads(prefix, width):
    return {f"{prefix}-m3co": lambda: Workload(M3CoL(width), first_phase, adam(2e-3, 1e-4), draws),
            f"{prefix}-multisclip": lambda: Workload(M3CoL(width), second_phase, adam(2e-3, 1e-4))}


serve({**workloads("m3col-rosmap", 1000), **workloads("m3col-rosmap-w256", 256)})
