"""DMRNet on two vectors at the published width, and on image, spectrogram and pen strokes of a digit."""
import itertools

import torch

from harness import F, Perceptron, Workload, channels_first, nn, serve, sgd

BATCH, CLASSES, ALPHA, BETA = 64, 10, 1e-3, 1.0


class VectorEncoder(Perceptron):
    """ReLU after the last layer too."""

    def __init__(self, *widths):
        super().__init__(widths, F.relu)
        self.features = widths[-1]

    def forward(self, x):
        return F.relu(super().forward(x))


class ConvPoolEncoder(nn.Module):
    def __init__(self, widths, side_sizes, features):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        rows, columns = (size >> len(self.layers) for size in side_sizes)
        self.linear, self.features = nn.Linear(widths[-1] * rows * columns, features), features

    def forward(self, x):
        for layer in self.layers:
            x = F.max_pool2d(F.relu(layer(x)), 2)
        return F.relu(self.linear(x.flatten(1)))


class NormalizedLinear(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.linear, self.norm = nn.Linear(dim, dim), nn.BatchNorm1d(dim)

    def forward(self, x):
        return self.norm(self.linear(x))


class Embedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.mean, self.log_variance, self.predictor = NormalizedLinear(dim), NormalizedLinear(dim), nn.Linear(dim, CLASSES)

    def forward(self, fused, epsilon):
        mu, log_variance = self.mean(fused), self.log_variance(fused).clamp(-10, 10)
        z = mu + torch.exp(log_variance / 2) * epsilon if self.training else mu
        return self.predictor(z), mu, log_variance


class DMRNet(nn.Module):
    def __init__(self, encoders):
        super().__init__()
        self.encoders = nn.ModuleList(encoders)
        self.dim = sum(encoder.features for encoder in encoders)
        self.embedding = Embedding(self.dim)

    def forward(self, x, masks, epsilon):
        encoded = [encoder(given) * mask for encoder, given, mask in zip(self.encoders, x, masks.split(1, 1))]
        return self.embedding(torch.cat(encoded, 1), epsilon)


def loss(model, inputs, draws):
    x = [inputs[f"x{m}"] for m in range(len(model.encoders))]
    logits, mu, log_variance = model(x, draws["masks"], draws["epsilon"])
    cross_entropies = F.cross_entropy(logits, inputs["labels"], reduction="none")
    divergence = 0.5 * (log_variance.exp() + mu * mu - log_variance - 1).sum(1).mean()
    return cross_entropies.mean() + ALPHA * divergence + BETA * (draws["hard"] * cross_entropies).mean()


def prepare(inputs):
    inputs = {name: channels_first(value) if value.dim() == 4 else value for name, value in inputs.items()}
    return {**inputs, "labels": inputs["labels"].long()}


def classify(encoders):
    model = DMRNet(encoders)
    combinations = [c for c in itertools.product([0.0, 1.0], repeat=len(encoders)) if any(c)]
    combinations = torch.tensor(sorted(combinations, key=lambda c: (sum(c), [-kept for kept in c])))

    def draws():
        index = torch.randint(len(combinations), (BATCH,))
        return {"masks": combinations[index], "epsilon": torch.randn(BATCH, model.dim), "hard": (index == 0).float()}

    return Workload(model, loss, sgd(0.01, 0.9, 1e-4), draws, prepare)


serve({
    "dmrnet-mlp2-1024": lambda: classify([VectorEncoder(512, 512) for _ in range(2)]),
    "dmrnet-digits3": lambda: classify([
        ConvPoolEncoder((1, 32, 64), (28, 28), 128),
        ConvPoolEncoder((1, 16, 32, 64), (64, 44), 128),
        VectorEncoder(16, 128, 128),
    ]),
})
