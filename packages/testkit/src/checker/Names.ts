/**
 * Epochs, versions and sessions by their order.
 *
 * **Details**
 *
 * Epochs and versions are only compared with others of their kind, and the next one is one more than the highest that its
 * writer has seen, or the wall clock's, whatever that may be. So of a gap between two that are named anywhere it matters
 * only whether there is room for another: wider gaps are made two wide. A node that has seen the lower one may then come
 * up with the number in between, as it may with a wall clock that is behind; it never comes up with one that is named
 * already, unless it could before. 0 stands for "none". Fields are told by their names: `epoch`, `version`, `token` …
 *
 * Sessions are only compared for equality (where two of one id are put in order, nothing depends on which), and a new one
 * is none of those there are. Those of a process that are still named are numbered 1, 2, 3 …. A node remembers of some
 * sessions that they have `left` or `crashed`: of one that nothing else names nobody will ever ask.
 *
 * @since 0.1.0
 */
import type { Interner } from "./Interner.ts"
import * as NameSet from "./NameSet.ts"
import type { Slot, World } from "./World.ts"

/**
 * What becomes of each name; a session that is not here is forgotten. `counts`: how many sessions a process has left.
 * `isIdle`: every name may stay, and nothing is forgotten.
 */
interface Renaming {
  readonly isIdle: boolean
  readonly epochs: ReadonlyMap<number, number>
  readonly versions: ReadonlyMap<number, number>
  readonly sessions: ReadonlyMap<string, string>
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Names anew what worlds name whose parts are kept by one interner.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (interner: Interner): ((world: World) => World) => {
  const sets = NameSet.make()
  const renamings: Array<Renaming | undefined> = []

  const namedBy = makeNamedBy(interner, sets)

  const renamingOf = (named: NameSet.NameSet): Renaming => {
    const before = renamings[named.id]
    if (before !== undefined) return before
    const renaming = rename(named)
    renamings[named.id] = renaming
    return renaming
  }

  const inValue = (value: object, by: Renaming): object => {
    if (isSame(namedBy(value), by)) return value
    const fields = Object.entries(value).map(([key, child]) => [key, inField(key, child, by)] as const)
    return Array.isArray(value) ? fields.map(([, child]) => child) : Object.fromEntries(fields)
  }

  const inField = (key: string, child: unknown, by: Renaming): unknown => {
    if (isList(child)) {
      return child.flatMap((one) => {
        const isForgotten =
          typeof one === "string" && NameSet.kindOf(key, one) === "remembered" && !by.sessions.has(one)
        return isForgotten ? [] : [inField(key, one, by)]
      })
    }
    if (typeof child === "object" && child !== null) return inValue(child, by)
    if (typeof child === "string") return by.sessions.get(child) ?? child
    const kind = typeof child === "number" ? NameSet.kindOf(key, child) : null
    if (typeof child !== "number" || kind === null) return child
    return (kind === "epochs" ? by.epochs : by.versions).get(child) ?? child
  }

  const inSlot = (slot: Slot, index: number, by: Renaming): Slot => {
    // Only names have changed.
    const renamed = by.isIdle ? slot : (inValue(slot, by) as Slot)
    const { claim } = renamed.node
    const claims = by.counts.get(`s${index}b${slot.boots}`) ?? 0
    return claim.claims === claims ? renamed : { ...renamed, node: { ...renamed.node, claim: { ...claim, claims } } }
  }

  return (world) => {
    const { requests, slots, store, truth } = world
    const named = [...slots, store, requests, truth].reduce((all, part) => sets.union(all, namedBy(part)), sets.none)
    const by = renamingOf(named)
    const numbered = slots.map((slot, index) => inSlot(slot, index, by))
    if (by.isIdle) return { ...world, slots: numbered }
    const part = <A extends object>(value: A): A => inValue(value, by) as A
    return {
      ...world,
      slots: numbered,
      store: part(store),
      requests: part(requests),
      truth: part(truth)
    }
  }
}

/** What a value names, worked out once for each. */
const makeNamedBy = (interner: Interner, sets: NameSet.NameSets): ((value: object) => NameSet.NameSet) => {
  const known: Array<NameSet.NameSet | undefined> = []
  const namedBy = (value: object): NameSet.NameSet => {
    const id = interner.idOf(value)
    const before = known[id]
    if (before !== undefined) return before
    let all = sets.none
    for (const [key, child] of Object.entries(value)) {
      for (const one of isList(child) ? child : [child]) {
        if (typeof one === "number" || typeof one === "string") all = sets.with(all, key, one)
        else if (typeof one === "object" && one !== null) all = sets.union(all, namedBy(one))
      }
    }
    known[id] = all
    return all
  }
  return namedBy
}

const rename = ({ epochs, remembered, sessions, versions }: NameSet.NameSet): Renaming => {
  const counts = new Map<string, number>()
  const names = new Map<string, string>()
  for (const session of sessions.toSorted((a, b) => numberOf(a) - numberOf(b))) {
    const boot = session.slice(0, session.indexOf("."))
    const count = (counts.get(boot) ?? 0) + 1
    counts.set(boot, count)
    names.set(session, `${boot}.${count}`)
  }
  const numbers = { epochs: narrowed(epochs), versions: narrowed(versions) }
  const isIdle =
    remembered.every((one) => names.has(one)) &&
    [...numbers.epochs, ...numbers.versions, ...names].every(([from, to]) => from === to)
  return { isIdle, ...numbers, sessions: names, counts }
}

const isSame = (named: NameSet.NameSet, by: Renaming): boolean =>
  named.epochs.every((one) => by.epochs.get(one) === one) &&
  named.versions.every((one) => by.versions.get(one) === one) &&
  named.sessions.every((one) => by.sessions.get(one) === one) &&
  named.remembered.every((one) => by.sessions.get(one) === one)

const numberOf = (session: string): number => Number(session.slice(session.indexOf(".") + 1))

/** A list of primitives: what is in it goes by the name of the field that it is in. */
const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value) && typeof value[0] !== "object"

const narrowed = (numbers: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const names = new Map<number, number>()
  let [before, name] = [0, 0]
  for (const one of numbers) {
    name += Math.min(one - before, 2)
    names.set(one, name)
    before = one
  }
  return names
}
