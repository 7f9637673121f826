/** Somebody who asks the dashboard's server for something, with whatever headers. */
import { Effect, type Scope } from "effect"
import { once } from "node:events"
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http"
import type * as Model from "../../ui/Model.js"

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Wish {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

const begin = async (port: number, path: string, { headers = {}, method = "GET" }: Wish): Promise<IncomingMessage> => {
  const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false })
  asked.end()
  const [response] = await once(asked, "response")
  return response
}

/** Asks, and reads the whole answer. */
export const get = (port: number, path: string, wish: Wish = {}): Effect.Effect<Got> =>
  Effect.promise(async () => {
    const response = await begin(port, path, wish)
    let text = ""
    for await (const chunk of response) text += String(chunk)
    return { status: response.statusCode ?? 0, headers: response.headers, text }
  })

export interface Told {
  readonly event: string
  readonly data: Model.Told
}

/** Follows the state of the group until the scope ends; `next` waits for the next event, and is `null` at the end. */
export const follow = (
  port: number
): Effect.Effect<{ readonly next: Effect.Effect<Told | null> }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const response = yield* Effect.acquireRelease(
      Effect.promise(() => begin(port, "/state", {})),
      (open) => Effect.sync(() => open.destroy())
    )
    const told = events(response)
    return { next: Effect.promise(async () => (await told.next()).value ?? null) }
  })

async function* events(response: IncomingMessage): AsyncGenerator<Told, undefined> {
  let text = ""
  try {
    for await (const chunk of response) {
      text += String(chunk)
      const whole = text.split("\n\n")
      text = whole.pop() ?? ""
      for (const each of whole) {
        const [, event = "", data = "null"] = /^event: (\w+)\ndata: (.*)$/.exec(each) ?? []
        yield { event, data: JSON.parse(data) }
      }
    }
  } catch {
    // The server has hung up.
  }
  return undefined
}
