/** The browser of the distribution, driven by a test. */
import { Context, Effect, Layer, type Scope } from "effect"
import { type Browser as Chromium, chromium, type Page } from "playwright-core"
import { chromiumArguments, findChromium } from "../../../../tools/chromium.mjs"

export class Browser extends Context.Service<Browser, Chromium>()("test/Browser") {}

/** Where an operator has said that there is no browser, tests of the page are left out. */
export const isAbsent = process.env["PARTI_NO_BROWSER"] === "1"

export const layer: Layer.Layer<Browser> = Layer.effect(
  Browser,
  Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath: findChromium(), args: chromiumArguments })),
    (browser) => Effect.promise(() => browser.close())
  )
)

export interface Opened {
  readonly page: Page
  /** What the page has complained about. */
  readonly faults: ReadonlyArray<string>
}

/** Opens an address until the scope ends. Whatever asks whether one is sure is told that one is. */
export const open = (
  address: string,
  options: Parameters<Chromium["newPage"]>[0] = {}
): Effect.Effect<Opened, never, Browser | Scope.Scope> =>
  Effect.gen(function* () {
    const browser = yield* Browser
    const page = yield* Effect.acquireRelease(
      Effect.promise(() => browser.newPage({ viewport: { width: 1000, height: 800 }, ...options })),
      (opened) => Effect.promise(() => opened.close())
    )
    const faults: Array<string> = []
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") faults.push(message.text())
    })
    page.on("pageerror", (error) => faults.push(String(error)))
    page.on("dialog", (dialog) => void dialog.accept())
    yield* Effect.promise(() => page.goto(address))
    return { page, faults }
  })
