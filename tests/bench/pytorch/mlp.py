"""MLP 200-200-200-2, batch 256, Adam, cross-entropy."""
from harness import F, Workload, adam, perceptron, serve

serve({"mlp": lambda: Workload(perceptron(200, 200, 200, 2),
                               lambda model, inputs, draws: F.cross_entropy(model(inputs["x"]), inputs["labels"].long()),
                               adam(1e-3))})
