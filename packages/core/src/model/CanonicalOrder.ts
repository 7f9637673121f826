/**
 * The order in which every process of a group lists partitions, wherever their names come from.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

/**
 * `places`: where each partition stands in the input; `hashes`: what is there, so that nobody has to fetch it.
 *
 * @category models
 * @since 0.1.0
 */
export interface CanonicalOrder {
  readonly places: Uint32Array
  readonly hashes: Uint32Array
}

/** By leading bits of the hash: as many buckets as there are partitions, so that each has about one. */
const inBuckets = (hashes: Uint32Array): CanonicalOrder => {
  const shift = Math.max(1, Math.clz32(hashes.length))
  const ends = new Uint32Array(2 ** (32 - shift))
  for (let i = 0; i < hashes.length; i++) {
    const bucket = (hashes[i] ?? 0) >>> shift
    ends[bucket] = (ends[bucket] ?? 0) + 1
  }
  for (let bucket = 1; bucket < ends.length; bucket++) ends[bucket] = (ends[bucket] ?? 0) + (ends[bucket - 1] ?? 0)
  const order = { places: new Uint32Array(hashes.length), hashes: new Uint32Array(hashes.length) }
  // From behind, so that what counts down are the places themselves.
  for (let i = hashes.length - 1; i >= 0; i--) {
    const hash = hashes[i] ?? 0
    const at = (ends[hash >>> shift] ?? 0) - 1
    ends[hash >>> shift] = at
    order.places[at] = i
    order.hashes[at] = hash
  }
  return order
}

/**
 * Orders partitions by hash, then by id: different ids with one hash are rare but real, about a hundred pairs among a million.
 * The same ids stay in the order of the input. O(n), as long as hashes are spread.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (input: { readonly ids: ReadonlyArray<string>; readonly hashes: Uint32Array }): CanonicalOrder => {
  const order = inBuckets(input.hashes)
  const { places, hashes } = order
  for (let k = 1; k < places.length; k++) {
    const place = places[k] ?? 0
    const hash = hashes[k] ?? 0
    let at = k
    for (; at > 0; at--) {
      const other = hashes[at - 1] ?? 0
      if (other < hash) break
      const before = places[at - 1] ?? 0
      if (other === hash && (input.ids[before] ?? "") <= (input.ids[place] ?? "")) break
      places[at] = before
      hashes[at] = other
    }
    places[at] = place
    hashes[at] = hash
  }
  return order
}
