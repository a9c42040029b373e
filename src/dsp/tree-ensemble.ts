import { exp } from './math.js'

/**
 * Decision trees of one output in flat arrays: node i is a leaf when `feature[i]` is -1. A value at or below `threshold[i]` goes
 * to node `left[i]`, one above to `right[i]`, a missing one (NaN) to the left where `missingLeft[i]` is 1. `value[i]` of a leaf is
 * added to the score; that of an inner node is the mean of its leaves, weighted by the training cases that reached them.
 */
export interface FlatTrees {
  /** Node at which each tree begins. */
  readonly roots: readonly number[]
  readonly feature: readonly number[]
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly missingLeft: readonly number[]
  readonly value: readonly number[]
}

/** A linear part: weights[f] * (x - centres[f]) summed over the features; a missing value counts as its centre. */
export interface LinearPart {
  readonly weights: readonly number[]
  readonly centres: readonly number[]
}

/** A score (log odds): bias + linear part + trees, each where there is one. */
export interface AdditiveScore {
  readonly bias: number
  readonly linear?: LinearPart
  readonly trees?: FlatTrees
}

/**
 * An additive model as `training/shared/export_model.py` writes it. Two classes: one score, the log odds of the second
 * class. More classes: one score a class; the probabilities are their softmax.
 */
export interface TreeEnsemble {
  readonly features: readonly string[]
  readonly classes: readonly string[]
  readonly scores: readonly AdditiveScore[]
}

interface CompiledScore {
  readonly bias: number
  readonly weights: Float64Array
  readonly centres: Float64Array
  readonly roots: Int32Array
  readonly feature: Int32Array
  readonly threshold: Float64Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly missingLeft: Uint8Array
  readonly value: Float64Array
}

/** Evaluates a `TreeEnsemble`; allocates at creation only. Throws RangeError for a model whose arrays do not fit together. */
export class EnsembleEvaluator {
  readonly features: readonly string[]
  readonly classes: readonly string[]
  private readonly compiled: readonly CompiledScore[]

  constructor(model: TreeEnsemble) {
    const { features, classes, scores } = model
    const expected = classes.length === 2 ? 1 : classes.length
    if (classes.length < 2 || scores.length !== expected) {
      throw new RangeError(`a model of ${classes.length} classes needs ${expected} scores, not ${scores.length}`)
    }
    this.features = features
    this.classes = classes
    this.compiled = scores.map(score => compileScore(score, features.length))
  }

  /** Writes the probability of each class into `into`. `values`: one a feature, NaN where missing. */
  probabilities(values: Float64Array, into: Float64Array): void {
    const { compiled } = this
    if (compiled.length === 1) {
      const p = 1 / (1 + exp(-scoreOf(compiled[0] as CompiledScore, values)))
      into[0] = 1 - p
      into[1] = p
      return
    }
    let highest = Number.NEGATIVE_INFINITY
    for (let k = 0; k < compiled.length; k++) {
      const score = scoreOf(compiled[k] as CompiledScore, values)
      into[k] = score
      if (score > highest) highest = score
    }
    let sum = 0
    for (let k = 0; k < compiled.length; k++) {
      const x = exp((into[k] as number) - highest)
      into[k] = x
      sum += x
    }
    for (let k = 0; k < compiled.length; k++) into[k] = (into[k] as number) / sum
  }

  /** The score (log odds) number `output`; of two classes there is one, number 0. */
  score(values: Float64Array, output: number): number {
    return scoreOf(this.compiled[output] as CompiledScore, values)
  }

  /**
   * Writes into `into` what each feature adds to the score `output`, and returns what no feature adds (bias and the mean of each
   * tree): the sum of all is the score. Along the way through a tree each step is put down to the feature that was asked
   * (Saabas' decomposition).
   */
  contributions(values: Float64Array, output: number, into: Float64Array): number {
    const { bias, weights, centres, roots, feature, threshold, left, right, missingLeft, value } = this.compiled[output] as CompiledScore
    into.fill(0)
    let rest = bias
    for (let f = 0; f < weights.length; f++) {
      const x = values[f] as number
      if (!Number.isNaN(x)) into[f] = (weights[f] as number) * (x - (centres[f] as number))
    }
    for (let t = 0; t < roots.length; t++) {
      let node = roots[t] as number
      rest += value[node] as number
      for (let f = feature[node] as number; f >= 0; f = feature[node] as number) {
        const x = values[f] as number
        const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= (threshold[node] as number)
        const next = (goesLeft ? left[node] : right[node]) as number
        into[f] = (into[f] as number) + (value[next] as number) - (value[node] as number)
        node = next
      }
    }
    return rest
  }
}

function scoreOf(score: CompiledScore, values: Float64Array): number {
  const { weights, centres, roots, feature, threshold, left, right, missingLeft, value } = score
  let sum = score.bias
  for (let f = 0; f < weights.length; f++) {
    const x = values[f] as number
    if (!Number.isNaN(x)) sum += (weights[f] as number) * (x - (centres[f] as number))
  }
  for (let t = 0; t < roots.length; t++) {
    let node = roots[t] as number
    for (let f = feature[node] as number; f >= 0; f = feature[node] as number) {
      const x = values[f] as number
      // A missing value is neither below nor above.
      const goesLeft = x <= (threshold[node] as number) || (Number.isNaN(x) && missingLeft[node] === 1)
      node = (goesLeft ? left[node] : right[node]) as number
    }
    sum += value[node] as number
  }
  return sum
}

function compileScore({ bias, linear, trees }: AdditiveScore, featureCount: number): CompiledScore {
  const { weights = [], centres = [] } = linear ?? {}
  if (linear && (weights.length !== featureCount || centres.length !== featureCount)) {
    throw new RangeError(`a linear part needs ${featureCount} weights and centres, not ${weights.length} and ${centres.length}`)
  }
  const nodes = trees?.feature.length ?? 0
  for (const [name, array] of Object.entries(trees ?? {})) {
    if (name !== 'roots' && array.length !== nodes) throw new RangeError(`trees: ${name} has ${array.length} entries, feature ${nodes}`)
  }
  for (const root of trees?.roots ?? []) if (!(root >= 0 && root < nodes)) throw new RangeError(`trees: no node ${root} to begin at`)
  for (let i = 0; i < nodes; i++) {
    const feature = trees?.feature[i] as number
    if (feature < 0) continue
    if (feature >= featureCount) throw new RangeError(`trees: node ${i} asks for feature ${feature} of ${featureCount}`)
    // Children stand behind their parent, so no walk can go round in a circle.
    for (const child of [trees?.left[i] as number, trees?.right[i] as number]) {
      if (!(child > i && child < nodes)) throw new RangeError(`trees: node ${i} leads to node ${child} of ${nodes}`)
    }
  }
  return {
    bias,
    weights: Float64Array.from(weights),
    centres: Float64Array.from(centres),
    roots: Int32Array.from(trees?.roots ?? []),
    feature: Int32Array.from(trees?.feature ?? []),
    threshold: Float64Array.from(trees?.threshold ?? []),
    left: Int32Array.from(trees?.left ?? []),
    right: Int32Array.from(trees?.right ?? []),
    missingLeft: Uint8Array.from(trees?.missingLeft ?? []),
    value: Float64Array.from(trees?.value ?? []),
  }
}
