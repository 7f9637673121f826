/**
 * Values that are made when they are first asked for.
 *
 * @since 0.1.0
 */

/**
 * Makes a value at the first call and gives the same one from then on. `make` must be pure: then nobody can tell when it
 * ran.
 *
 * @category constructors
 * @since 0.1.0
 */
export const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}
