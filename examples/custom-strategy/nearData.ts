import { Strategy } from "@parti/core"

/**
 * Gives partitions whose first key names a zone to the workers of that zone, evenly; what is in a zone without workers goes to
 * all. Who has a partition keeps it as far as that leaves the zone even.
 */
export const nearData: Strategy.AssignmentStrategy = Strategy.fromColumns("nearData", (input) => {
  const { partitions, previous, workers } = input
  const owners = new Int32Array(partitions.size).fill(-1)
  const seats = workers.map((_, seat) => seat).filter((seat) => (workers[seat]?.capacity ?? 0) > 0)
  // If all are drained, somebody has to do it all the same.
  const everybody = seats.length > 0 ? seats : workers.map((_, seat) => seat)
  const zoneOf = (seat: number) => workers[seat]?.zone ?? null

  // The zones in an order that does not depend on who came first: partitions are in canonical order.
  const byZone = Map.groupBy(partitions.ids.keys(), (place) => partitions.partitions[place]?.keys[0] ?? "")
  const there = new Set(everybody.map(zoneOf))
  const homeless = [...byZone].flatMap(([zone, places]) => (there.has(zone) ? [] : places))
  for (const [zone, places] of byZone) {
    if (there.has(zone))
      share(
        owners,
        previous,
        places,
        everybody.filter((seat) => zoneOf(seat) === zone)
      )
  }
  share(
    owners,
    previous,
    homeless.toSorted((a, b) => a - b),
    everybody
  )
  return owners
})

/** Shares some places out to some seats, evenly to within one: those who have the most may have the one more. */
const share = (
  owners: Int32Array,
  previous: ArrayLike<number>,
  places: ReadonlyArray<number>,
  seats: ReadonlyArray<number>
): void => {
  const had = new Map(seats.map((seat) => [seat, 0]))
  for (const place of places) {
    const owner = previous[place] ?? -1
    const count = had.get(owner)
    if (count !== undefined) had.set(owner, count + 1)
  }
  const ranked = seats.toSorted((a, b) => (had.get(b) ?? 0) - (had.get(a) ?? 0) || a - b)
  const room = new Map(ranked.map((seat, rank) => [seat, quota(places.length, seats.length, rank)]))
  const take = (place: number, seat: number) => {
    owners[place] = seat
    room.set(seat, (room.get(seat) ?? 0) - 1)
  }
  for (const place of places) {
    const owner = previous[place] ?? -1
    if ((room.get(owner) ?? 0) > 0) take(place, owner)
  }
  for (const place of places) {
    if (owners[place] !== -1) continue
    const seat = ranked.find((one) => (room.get(one) ?? 0) > 0)
    if (seat !== undefined) take(place, seat)
  }
}

const quota = (places: number, seats: number, rank: number): number =>
  Math.floor(places / seats) + (rank < places % seats ? 1 : 0)
