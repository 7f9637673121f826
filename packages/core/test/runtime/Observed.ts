import { Effect, type Exit, Layer, Logger, References, Tracer } from "effect"
import { alone } from "./Totals.ts"

/** A registry, a tracer and a logger of the test's own. */
export const observed = <A, E, R>(use: (seen: Seen) => Effect.Effect<A, E, R>) => {
  const seen: Seen = { logs: [], open: new Set(), spans: [] }
  const logger = Logger.make<unknown, void>(({ fiber, logLevel, message }) => {
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    seen.logs.push({ level: logLevel, message: String(message), annotations })
  })
  const tracer = Tracer.make({
    span: (options) => {
      const span = Tracer.nativeTracer.span(options)
      const end = span.end.bind(span)
      seen.open.add(span)
      return Object.assign(span, {
        end: (at: bigint, exit: Exit.Exit<unknown, unknown>) => {
          end(at, exit)
          seen.open.delete(span)
          seen.spans.push(span)
        }
      })
    }
  })
  const layer = Layer.merge(Logger.layer([logger]), Layer.succeed(Tracer.Tracer, tracer))
  return alone(Effect.provide(use(seen), layer))
}

export interface Seen {
  readonly logs: Array<{
    readonly level: string
    readonly message: string
    readonly annotations: Readonly<Record<string, unknown>>
  }>
  /** Spans that have begun and not ended. */
  readonly open: Set<Tracer.Span>
  /** Spans that have ended. */
  readonly spans: Array<Tracer.Span>
}
