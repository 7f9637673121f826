/**
 * Revisions by their order.
 *
 * **Details**
 *
 * A revision is only ever compared with others of its key, and a new one is higher than all there are: worlds whose
 * revisions stand in the same order have the same future. So the revisions of each key that anything still names are
 * numbered 1, 2, 3 …; "no such key" (0) and "nothing followed" (-1) are no revisions.
 *
 * What is named of a key is kept as bits: revision r is bit r - 1.
 *
 * @since 0.1.0
 */
import type { Fact, Node, Revision, WorkerId } from "@parti/core/Protocol"
import * as Landing from "./Landing.ts"
import type { Model } from "./Model.ts"
import { keys, type Channel, type Mail, type Request, type Slot, type Store, type World } from "./World.ts"

/** What becomes of a revision of a key. */
type Rename = (key: number, revision: Revision.Revision) => Revision.Revision

/** The number of the key of a worker id. */
type KeyOf = (id: WorkerId.WorkerId) => number

/**
 * Numbers the revisions of the worlds of a model by their order.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (model: Model): ((world: World) => World) => {
  const { ids } = model.scenario
  const keyOf: KeyOf = (id) => keys.workers + ids.indexOf(id)
  const bits = new Int32Array(keys.workers + ids.length)
  const note: Rename = (key, revision) => {
    if (revision > 0) bits[key] = (bits[key] ?? 0) | (1 << (revision - 1))
    return revision
  }
  const rename: Rename = (key, revision) => (revision > 0 ? ones((bits[key] ?? 0) & ((1 << revision) - 1)) : revision)
  return (world) => {
    bits.fill(0)
    ofWorld(model, keyOf, world, note)
    return bits.every(isContiguous) ? world : ofWorld(model, keyOf, world, rename)
  }
}

const isContiguous = (bits: number): boolean => (bits & (bits + 1)) === 0

/** How many bits are set. */
const ones = (bits: number): number => {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}

const ofWorld = (model: Model, keyOf: KeyOf, world: World, rename: Rename): World => {
  const store = ofStore(world.store, rename)
  const requests = each(world.requests, (request) => ofRequest(model, request, rename))
  const slots = each(world.slots, (slot) => ofSlot(slot, keyOf, rename))
  const isSame = store === world.store && requests === world.requests && slots === world.slots
  return isSame ? world : { ...world, store, requests, slots }
}

/** The same array where nothing in it changes: most of a world is not touched by a step. */
const each = <A>(array: ReadonlyArray<A>, change: (one: A) => A): ReadonlyArray<A> => {
  let changed: Array<A> | null = null
  for (let index = 0; index < array.length; index++) {
    // In range.
    const before = array[index] as A
    const after = change(before)
    if (after !== before) (changed ??= [...array])[index] = after
  }
  return changed ?? array
}

const revised = <A extends { readonly revision: Revision.Revision }>(one: A, key: number, rename: Rename): A => {
  const revision = rename(key, one.revision)
  return revision === one.revision ? one : { ...one, revision }
}

const ofStore = (store: Store, rename: Rename): Store => {
  const leader = revised(store.leader, keys.leader, rename)
  const plan = revised(store.plan, keys.plan, rename)
  let key = keys.workers - 1
  const workers = each(store.workers, (entry) => revised(entry, ++key, rename))
  const isSame = leader === store.leader && plan === store.plan && workers === store.workers
  return isSame ? store : { ...store, leader, plan, workers }
}

const ofRequest = (model: Model, request: Request, rename: Rename): Request => {
  const expected = rename(Landing.keyOf(model, request), request.write.expected)
  return expected === request.write.expected ? request : { ...request, write: { ...request.write, expected } }
}

const ofSlot = (slot: Slot, keyOf: KeyOf, rename: Rename): Slot => {
  const node = ofNode(slot.node, keyOf, rename)
  const live = ofChannel(slot.live, rename)
  const plan = ofChannel(slot.plan, rename)
  const inbox = each(slot.inbox, (mail) => ofMail(mail, rename))
  const isSame = node === slot.node && live === slot.live && plan === slot.plan && inbox === slot.inbox
  return isSame ? slot : { ...slot, node, live, plan, inbox }
}

const ofChannel = (channel: Channel, rename: Rename): Channel => {
  const items = each(channel.items, (item) => {
    const fact = ofFact(item.fact, item.key, rename)
    return fact === item.fact ? item : { ...item, fact }
  })
  return items === channel.items ? channel : { ...channel, items }
}

const ofMail = (mail: Mail, rename: Rename): Mail => {
  const fact = ofFact(mail.fact, mail.key, rename)
  return fact === mail.fact ? mail : { ...mail, fact }
}

const ofFact = (fact: Fact, key: number, rename: Rename): Fact =>
  "revision" in fact ? revised(fact, key, rename) : fact

const ofNode = (node: Node.State, keyOf: KeyOf, rename: Rename): Node.State => {
  const claim = ofClaim(node.claim, keyOf, rename)
  const election = ofElection(node.election, rename)
  const plan = revised(node.plan, keys.plan, rename)
  const followed = revised(node.followed, keys.plan, rename)
  const leadership = "revision" in node.leadership ? revised(node.leadership, keys.plan, rename) : node.leadership
  const members = each(node.membership.members, (member) => revised(member, keyOf(member.id), rename))
  const membership = members === node.membership.members ? node.membership : { ...node.membership, members }
  const isSame =
    claim === node.claim &&
    election === node.election &&
    plan === node.plan &&
    followed === node.followed &&
    leadership === node.leadership &&
    membership === node.membership
  return isSame ? node : { ...node, claim, election, plan, followed, leadership, membership }
}

const ofElection = (election: Node.State["election"], rename: Rename): Node.State["election"] => {
  const leased = "lease" in election ? ofLease(election, keys.leader, rename) : election
  const seen = leased.seen === null ? null : revised(leased.seen, keys.leader, rename)
  return seen === leased.seen ? leased : { ...leased, seen }
}

const ofClaim = (claim: Node.State["claim"], keyOf: KeyOf, rename: Rename): Node.State["claim"] => {
  const leased = "lease" in claim ? ofLease(claim, keyOf(claim.workerId), rename) : claim
  if (!("refused" in leased)) return leased
  const refused = each(leased.refused, (one) => revised(one, keyOf(one.workerId), rename))
  return refused === leased.refused ? leased : { ...leased, refused }
}

const ofLease = <A extends { readonly lease: { readonly revision: Revision.Revision } }>(
  holder: A,
  key: number,
  rename: Rename
): A => {
  const lease = revised(holder.lease, key, rename)
  return lease === holder.lease ? holder : { ...holder, lease }
}
