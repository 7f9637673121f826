/**
 * Plain data, each value kept once: equal values become the same object, and have a number.
 *
 * **Details**
 *
 * A world of several nodes is made of the same few thousand parts again and again. Kept once, a state of the world is a
 * handful of numbers, equality is identity, and whatever was worked out for a part is looked up by its number.
 *
 * @since 0.1.0
 */

/**
 * A store of values. What was handed in must not be changed afterwards.
 *
 * @category models
 * @since 0.1.0
 */
export interface Interner {
  /** The one object that is equal to the given one; primitives are themselves. */
  readonly canonical: <A>(value: A) => A
  /** The number of the object that is equal to the given one. */
  readonly idOf: (value: object) => number
  /** The number of a canonical object; -1 for any other. */
  readonly peek: (value: object) => number
  /** The canonical object of a number. */
  readonly at: (id: number) => object
  /** How many objects are kept. */
  readonly size: () => number
}

/**
 * An empty store.
 *
 * **Details**
 *
 * An object is told by words: its shape, then one for each field, which stands for a primitive or is the number of an
 * object. The words of all objects lie in one array; a hash table finds those that begin alike.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Interner => {
  const ids = new Map<object, number>()
  const values: Array<object> = []
  const shapes = makeShapes()
  const wordOf = makeWords()
  const table = makeTable()
  // Objects within objects use it one above the other.
  const scratch = new Int32Array(65_536)
  let top = 0

  const word = (child: unknown): number =>
    typeof child === "object" && child !== null ? intern(child) * 4 + 3 : wordOf(child)

  const close = (start: number, value: object): number => {
    const id = table.find(scratch, start, top, values.length)
    top = start
    if (id < values.length) return id
    const kept = withCanonicalChildren(value)
    ids.set(kept, id)
    values.push(kept)
    return id
  }

  const withCanonicalChildren = (value: object): object => {
    if (Object.values(value).every((child) => typeof child !== "object" || child === null || ids.has(child)))
      return value
    return Array.isArray(value)
      ? value.map(canonical)
      : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, canonical(child)]))
  }

  const internArray = (array: ReadonlyArray<unknown>): number => {
    const start = top
    scratch[top++] = -1
    for (const child of array) {
      const one = word(child)
      scratch[top++] = one
    }
    return close(start, array)
  }

  const internRecord = (record: Readonly<Record<string, unknown>>): number => {
    const shape = shapes.of(record)
    const start = top
    scratch[top++] = shape.id
    for (const key of shape.keys) {
      const one = word(record[key])
      scratch[top++] = one
    }
    return close(start, record)
  }

  const intern = (value: object): number => {
    const known = ids.get(value)
    if (known !== undefined) return known
    // Plain data: what is no array is a record.
    return Array.isArray(value) ? internArray(value) : internRecord(value as Readonly<Record<string, unknown>>)
  }

  // The kept object is equal to the one that was given, and so is of its type.
  const canonical = <A>(value: A): A =>
    typeof value === "object" && value !== null ? (values[intern(value)] as A) : value

  return {
    canonical,
    idOf: intern,
    peek: (value) => ids.get(value) ?? -1,
    at: (id) => values[id] ?? {},
    size: () => values.length
  }
}

/** The keys of a record, in an order that does not depend on how it was made. */
interface Shape {
  readonly id: number
  readonly keys: ReadonlyArray<string>
}

/** Where the keys that were read so far may lead. */
interface Fork {
  readonly next: Map<string, Fork>
  shape: Shape | null
}

const makeShapes = (): { readonly of: (record: object) => Shape } => {
  const root: Fork = { next: new Map(), shape: null }
  const sorted = new Map<string, Shape>()
  const learn = (record: object): Shape => {
    const keys = Object.keys(record).sort()
    const shape = sorted.get(keys.join()) ?? { id: sorted.size, keys }
    sorted.set(keys.join(), shape)
    return shape
  }
  return {
    of: (record) => {
      let fork = root
      for (const key in record) {
        let next = fork.next.get(key)
        if (next === undefined) fork.next.set(key, (next = { next: new Map(), shape: null }))
        fork = next
      }
      return (fork.shape ??= learn(record))
    }
  }
}

/** Words for primitives. Small whole numbers are told by themselves, all else by the order in which it came. */
const makeWords = (): ((value: unknown) => number) => {
  const known = new Map<unknown, number>()
  return (value) => {
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 28) return value * 4
    const before = known.get(value)
    if (before !== undefined) return before
    const word = known.size * 4 + 1
    known.set(value, word)
    return word
  }
}

interface Table {
  /** The number of the object with these words; `next` if there is none yet, which then has these. */
  readonly find: (words: Int32Array, start: number, end: number, next: number) => number
}

const makeTable = (): Table => {
  let slots = new Int32Array(1 << 16)
  let pool = new Int32Array(1 << 18)
  let begins = new Int32Array(1 << 16)
  let used = 0

  const hashOf = (words: Int32Array, start: number, end: number): number => {
    let h = 0x9e3779b9
    for (let i = start; i < end; i++) {
      h ^= Math.imul(words[i] ?? 0, 0xcc9e2d51)
      h = Math.imul((h << 13) | (h >>> 19), 5) + 0x52dce729
    }
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    return (h ^ (h >>> 13)) >>> 0
  }

  const isEqual = (id: number, words: Int32Array, start: number, end: number): boolean => {
    const begin = begins[id] ?? 0
    if ((begins[id + 1] ?? 0) - begin !== end - start) return false
    for (let i = 0; i < end - start; i++) if (pool[begin + i] !== words[start + i]) return false
    return true
  }

  const grow = (count: number): void => {
    slots = new Int32Array(slots.length * 2)
    for (let id = 0; id < count; id++) {
      let slot = hashOf(pool, begins[id] ?? 0, begins[id + 1] ?? 0) & (slots.length - 1)
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = id + 1
    }
  }

  return {
    find: (words, start, end, next) => {
      let slot = hashOf(words, start, end) & (slots.length - 1)
      for (;;) {
        const id = (slots[slot] ?? 0) - 1
        if (id < 0) break
        if (isEqual(id, words, start, end)) return id
        slot = (slot + 1) & (slots.length - 1)
      }
      slots[slot] = next + 1
      if (used + end - start > pool.length) pool = widened(pool)
      if (next + 2 > begins.length) begins = widened(begins)
      pool.set(words.subarray(start, end), used)
      used += end - start
      begins[next + 1] = used
      if ((next + 1) * 2 > slots.length) grow(next + 1)
      return next
    }
  }
}

const widened = (array: Int32Array): Int32Array<ArrayBuffer> => {
  const wide = new Int32Array(array.length * 2)
  wide.set(array)
  return wide
}
