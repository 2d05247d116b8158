import * as tf from "@tensorflow/tfjs";

/** Variables with their names, as a model's `parameters()` lists them. */
export type NamedParameters = (readonly [name: string, parameter: tf.Variable])[];

/** What {@linkcode Optimizer.minimize} makes small: a scalar, or a record whose `value` it is. */
export type Objective = tf.Scalar | { value: tf.Scalar };

/**
 * What optimisers share: parameters by name, the state kept beside them, one step.
 *
 * All state, the learning rate included, is in variables that exist from the start, so that a compiled step reads and
 * updates it like the parameters.
 */
export abstract class Optimizer {
  /** What is optimised. */
  protected readonly parameters: Record<string, tf.Variable>;
  /** How many steps were taken, `[]`. */
  protected readonly stepCount: tf.Variable<tf.Rank.R0> = stateVariable(tf.scalar(0));
  /** The learning rate on the engine, `[]`. */
  protected readonly rate: tf.Variable<tf.Rank.R0>;
  readonly #slots: Record<string, Record<string, tf.Variable>>;
  #learningRate: number;

  /**
   * @param parameters What to optimise, with names.
   * @param learningRate Step size, at least 0.
   * @param slots Names of the tensors to keep beside each parameter, zero at first.
   */
  constructor(parameters: NamedParameters, learningRate: number, slots: string[]) {
    checkNames(parameters.map(([name]) => name));
    checkLearningRate(learningRate);
    this.parameters = Object.fromEntries(parameters);
    this.#learningRate = learningRate;
    this.rate = stateVariable(tf.scalar(learningRate));
    const zeros = () =>
      Object.fromEntries(parameters.map(([name, { shape }]) => [name, stateVariable(tf.zeros(shape))]));
    this.#slots = Object.fromEntries(slots.map((slot) => [slot, zeros()]));
  }

  /** Step size. Setting it takes effect at the next step, of compiled steps too: set it outside of them. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(learningRate: number) {
    checkLearningRate(learningRate);
    this.#learningRate = learningRate;
    tf.tidy(() => this.rate.assign(tf.scalar(learningRate)));
  }

  /**
   * One step down the given gradients. A parameter without a gradient stays as it is.
   *
   * @param gradients By the names under which the parameters were given; they remain the caller's.
   * @throws {RangeError} If a gradient belongs to no parameter or has another shape.
   */
  step(gradients: Record<string, tf.Tensor>): void {
    for (const [name, gradient] of Object.entries(gradients)) this.#checkGradient(name, gradient);
    tf.tidy(() => {
      this.stepCount.assign(this.stepCount.add(1));
      this.update(gradients);
    });
  }

  /**
   * Computes a loss and its gradients, and takes one step.
   *
   * @param loss Computes the objective from the parameters; with a record, `value` is minimised and the rest comes along.
   * @returns What `loss` returned.
   * @throws {Error} If the loss depends on none of the parameters.
   */
  minimize<Result extends Objective>(loss: () => Result): Result {
    return tf.tidy(() => {
      let kept!: Result;
      const { grads } = tf.variableGrads(() => {
        const objective = loss();
        // variableGrads() frees all but the scalar that it is given; copies, since a variable may be among them.
        kept = mapTensors(objective, (tensor) => tf.keep(tensor.clone()));
        return objective instanceof tf.Tensor ? objective : objective.value;
      }, Object.values(this.parameters));
      const named = Object.entries(this.parameters).filter(([, { name }]) => name in grads);
      this.step(Object.fromEntries(named.map(([key, { name }]) => [key, grads[name]])));
      return mapTensors(kept, released) as Result & tf.TensorContainerObject;
    });
  }

  /** Copies of all state by name, for a checkpoint; the caller disposes them. */
  stateDict(): Record<string, tf.Tensor> {
    return Object.fromEntries(Object.entries(this.#state()).map(([name, variable]) => [name, variable.clone()]));
  }

  /**
   * Continues where another optimiser of the same parameters stood.
   *
   * @param state As {@linkcode stateDict} gave it; the tensors stay the caller's.
   * @throws {RangeError} If a name is missing or unknown, or a shape or type differs; nothing is changed then.
   */
  loadStateDict(state: Record<string, tf.Tensor>): void {
    const own = this.#state();
    const missing = Object.keys(own).filter((name) => !(name in state));
    const unknown = Object.keys(state).filter((name) => !(name in own));
    if (missing.length || unknown.length) {
      throw new RangeError(
        `Expected the state of an optimiser of the same kind and parameters, got ${missing.length} names missing ` +
          `(${missing.slice(0, 3)}) and ${unknown.length} unknown (${unknown.slice(0, 3)})`,
      );
    }
    for (const name in own) {
      const { shape, dtype } = state[name], want = own[name];
      if (String(shape) !== String(want.shape) || dtype !== want.dtype) {
        throw new RangeError(`Expected ${name} to be ${want.dtype} [${want.shape}], got ${dtype} [${shape}]`);
      }
    }
    const [learningRate] = state.learningRate.dataSync();
    for (const name in own) own[name].assign(state[name]);
    this.#learningRate = learningRate;
  }

  /** Frees the state; the parameters remain. */
  dispose(): void {
    tf.dispose(this.#state());
  }

  /** Moves the parameters that have a gradient, and their slots. `stepCount` counts this step already. */
  protected abstract update(gradients: Record<string, tf.Tensor>): void;

  /** The tensor kept beside a parameter. */
  protected slot(slot: string, name: string): tf.Variable {
    return this.#slots[slot][name];
  }

  #state(): Record<string, tf.Variable> {
    const slots = Object.entries(this.#slots).flatMap(([slot, variables]) =>
      Object.entries(variables).map(([name, variable]) => [`${slot}.${name}`, variable])
    );
    return { learningRate: this.rate, stepCount: this.stepCount, ...Object.fromEntries(slots) };
  }

  #checkGradient(name: string, gradient: tf.Tensor): void {
    const parameter = this.parameters[name];
    if (!parameter) {
      throw new RangeError(`Expected gradients of ${Object.keys(this.parameters).join(", ")}, got one of ${name}`);
    }
    checkShape(`the gradient of ${name}`, gradient, parameter);
  }
}

/** A variable that no gradient is taken of. */
function stateVariable<R extends tf.Rank>(initial: tf.Tensor<R>): tf.Variable<R> {
  const variable = tf.variable(initial, false);
  initial.dispose();
  return variable;
}

function mapTensors<Result extends Objective>(objective: Result, map: (tensor: tf.Tensor) => tf.Tensor): Result {
  if (objective instanceof tf.Tensor) return map(objective) as Result;
  return Object.fromEntries(Object.entries(objective).map(([name, tensor]) => [name, map(tensor)])) as Result;
}

/** A kept tensor as one that tidy() takes care of again. */
function released(kept: tf.Tensor): tf.Tensor {
  const tensor = kept.clone();
  kept.dispose();
  return tensor;
}

function checkNames(names: string[]): void {
  if (names.length === 0) throw new RangeError("Expected at least one parameter to optimise, got none");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new RangeError(`Expected every parameter to have a name of its own, got ${twice} twice`);
  }
}

function checkLearningRate(learningRate: number): void {
  if (!(learningRate >= 0)) throw new RangeError(`Expected the learning rate to be at least 0, got ${learningRate}`);
}

function checkShape(name: string, got: tf.Tensor, want: tf.Tensor): void {
  if (String(got.shape) !== String(want.shape)) {
    throw new RangeError(`Expected ${name} to have shape [${want.shape}], got [${got.shape}]`);
  }
}
