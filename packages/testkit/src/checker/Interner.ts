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
  const shapes = makeFork()
  const learn = makeShapes()
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
    const kept = withChildren(value, (child) => ids.has(child), canonical)
    ids.set(kept, id)
    values.push(kept)
    return id
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
    const start = top
    scratch[top++] = 0
    let fork = shapes
    for (const key in record) {
      fork = forkAt(fork, key)
      const one = word(record[key])
      scratch[top++] = one
    }
    const { id, places } = (fork.shape ??= learn(record))
    scratch[start] = id
    if (places !== null) reorder(scratch, start + 1, places)
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
    at: (id) => values[id] ?? {},
    size: () => values.length
  }
}

/** The value itself where its children are kept already, or a copy of kept ones. */
const withChildren = (value: object, isKept: (child: object) => boolean, kept: <A>(child: A) => A): object => {
  const children: ReadonlyArray<unknown> = Object.values(value)
  if (children.every((child) => typeof child !== "object" || child === null || isKept(child))) return value
  return Array.isArray(value)
    ? value.map(kept)
    : Object.fromEntries(Object.entries(value).map(([key, child]) => [key, kept(child)]))
}

/**
 * The keys of a record, and for each, in the order in which they were read, its place in an order that does not depend on
 * how the record was made; `null` where that is the same order.
 */
interface Shape {
  readonly id: number
  readonly places: ReadonlyArray<number> | null
}

/** Where the keys that were read so far may lead: nearly always to one and the same. */
interface Fork {
  key: string | null
  only: Fork | null
  readonly others: Map<string, Fork>
  shape: Shape | null
}

const makeFork = (): Fork => ({ key: null, only: null, others: new Map(), shape: null })

const forkAt = (fork: Fork, key: string): Fork => {
  if (fork.key === key && fork.only !== null) return fork.only
  const known = fork.others.get(key)
  if (known !== undefined) return known
  const next = makeFork()
  if (fork.key === null) {
    fork.key = key
    fork.only = next
  } else fork.others.set(key, next)
  return next
}

/** The order is the one in which a record of these keys was first made. */
const makeShapes = (): ((record: object) => Shape) => {
  const orders = new Map<string, { readonly id: number; readonly keys: ReadonlyArray<string> }>()
  return (record) => {
    const keys = Object.keys(record)
    const sorted = keys.toSorted().join()
    const order = orders.get(sorted) ?? { id: orders.size, keys }
    orders.set(sorted, order)
    const places = keys.map((key) => order.keys.indexOf(key))
    return { id: order.id, places: places.every((place, index) => place === index) ? null : places }
  }
}

const reorder = (words: Int32Array, start: number, places: ReadonlyArray<number>): void => {
  const read = words.slice(start, start + places.length)
  for (let index = 0; index < places.length; index++) words[start + (places[index] ?? 0)] = read[index] ?? 0
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
