/**
 * Seeded randomness: sfc32 (Chris Doty-Humphrey's small fast counter generator, 128 bits of state), keyed by
 * a text. Each person, product and day draws from a stream of its own, so that changing one mechanism leaves
 * every other draw as it was, and the two worlds share their catalogue and their people.
 */
export type Random = {
  /** Uniform in [0, 1). */
  unit(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Integer in [0, below). */
  integer(below: number): number
  chance(probability: number): boolean
  /** Standard normal, Box–Muller. */
  normal(): number
  /** Exponential with this mean. */
  exponential(mean: number): number
  /** Gamma(shape, scale), Marsaglia and Tsang (2000). */
  gamma(shape: number, scale: number): number
  pick<T>(values: readonly T[]): T
  /** Index drawn in proportion to its weight (weights ≥ 0, not all 0). */
  weighted(weights: ArrayLike<number>): number
  shuffle<T>(values: T[]): T[]
}

/** 32-bit FNV-1a. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

export function makeRandom(key: string): Random {
  let a = hashText(key)
  let b = hashText(`${key}|b`)
  let c = hashText(`${key}|c`)
  let counter = 1

  const unit = () => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) unit()

  const normal = () => {
    const radius = Math.sqrt(-2 * Math.log(1 - unit()))
    return radius * Math.cos(2 * Math.PI * unit())
  }

  const gamma = (shape: number, scale: number): number => {
    if (shape < 1) return gamma(shape + 1, scale) * (1 - unit()) ** (1 / shape)
    const d = shape - 1 / 3
    const k = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + k * x) ** 3
      if (v > 0 && Math.log(1 - unit()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale
    }
  }

  const weighted = (weights: ArrayLike<number>) => {
    let total = 0
    for (let i = 0; i < weights.length; i++) total += weights[i] ?? 0
    let left = unit() * total
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i] ?? 0
      if (left < 0) return i
    }
    return weights.length - 1
  }

  return {
    unit,
    between: (low, high) => low + (high - low) * unit(),
    integer: (below) => Math.floor(unit() * below),
    chance: (probability) => unit() < probability,
    normal,
    exponential: (mean) => -mean * Math.log(1 - unit()),
    gamma,
    pick: (values) => {
      const value = values[Math.floor(unit() * values.length)]
      if (value === undefined) throw new Error("pick: expected at least one value, got an empty list")
      return value
    },
    weighted,
    shuffle: (values) => {
      for (let i = values.length - 1; i > 0; i--) {
        const j = Math.floor(unit() * (i + 1))
        const held = values[i]
        const other = values[j]
        if (held !== undefined && other !== undefined) {
          values[i] = other
          values[j] = held
        }
      }
      return values
    },
  }
}
