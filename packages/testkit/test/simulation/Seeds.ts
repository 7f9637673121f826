/**
 * Which seeds a test runs. `SIM_SEED` is one seed, to see it again; `SIM_BASE`, any text such as a commit, chooses where to
 * begin, and `SIM_COUNT` how many to run.
 */
export const fromEnv = ({ count }: { readonly count: number }): ReadonlyArray<number> => {
  const { SIM_BASE, SIM_COUNT, SIM_SEED } = process.env
  if (SIM_SEED !== undefined) return [Number(SIM_SEED)]
  return range(SIM_BASE === undefined ? 1 : startOf(SIM_BASE), Number(SIM_COUNT ?? count))
}

/** Consecutive seeds. */
const range = (from: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => from + index)

const startOf = (text: string): number => {
  let hash = 7
  for (let place = 0; place < text.length; place++) hash = (Math.imul(hash, 31) + text.charCodeAt(place)) >>> 0
  return 1 + (hash % 1_000_000_000)
}
