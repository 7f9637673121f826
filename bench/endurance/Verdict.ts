/**
 * Whether what was measured stayed as it was.
 *
 * @since 0.1.0
 */
import { quantile } from "../nats/Row.ts"

/**
 * One moment: what was measured, by name.
 *
 * @category models
 * @since 0.1.0
 */
export type Moment<Name extends string> = Readonly<Record<Name, number>>

/**
 * What may become of a figure.
 *
 * - `Grown`: by this share of what it was, or by so much, whichever is more. `Changed`: the same, up or down.
 * - `AtMost`: it is bounded, and may fill up to that.
 *
 * @category models
 * @since 0.1.0
 */
export type Rule =
  | { readonly _tag: "Grown" | "Changed"; readonly share: number; readonly slack: number }
  | { readonly _tag: "AtMost"; readonly bound: number }

/**
 * What became of one figure: the medians of the first and of the last quarter.
 *
 * @category models
 * @since 0.1.0
 */
export interface Line {
  readonly what: string
  readonly first: number
  readonly last: number
  readonly allowed: string
  readonly isFlat: boolean
}

/**
 * Compares the last quarter with the first. The first tenth of all is not counted: there the group starts, and what it runs
 * is compiled.
 *
 * @category judging
 * @since 0.1.0
 */
export const judge = <Name extends string>(
  moments: ReadonlyArray<Moment<Name>>,
  rules: Readonly<Record<Name, Rule>>
): ReadonlyArray<Line> => {
  const counted = moments.slice(Math.ceil(moments.length / 10))
  const quarter = Math.max(1, Math.floor(counted.length / 4))
  const names = Object.keys(rules).filter((name): name is Name => name in rules)
  return names.map((what) => {
    const median = (some: typeof counted) =>
      quantile(
        some.map((moment) => moment[what]),
        0.5
      )
    const [first, last] = [median(counted.slice(0, quarter)), median(counted.slice(-quarter))]
    return { what, first, last, ...decide(rules[what], first, last) }
  })
}

const decide = (rule: Rule, first: number, last: number): Pick<Line, "allowed" | "isFlat"> => {
  if (rule._tag === "AtMost") return { allowed: `at most ${rule.bound}`, isFlat: last <= rule.bound }
  const room = Math.max(rule.share * first, rule.slack)
  const change = rule._tag === "Grown" ? last - first : Math.abs(last - first)
  const sign = rule._tag === "Grown" ? "+" : "±"
  return { allowed: `${sign}${100 * rule.share} %, or ${sign}${rule.slack}`, isFlat: change <= room }
}
