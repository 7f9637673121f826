/** The check that every export is used in an example (`tools/documented.mjs`) can fail: mentioning is not using. */
import { assert, describe, it } from "vitest"
import { type Export, identityOf, type Module, usesIn, whyNotShown } from "../../../tools/uses.mjs"

const fenced = (...code: ReadonlyArray<string>) => ["What it is.", "", "```ts", ...code, "```"].join("\n")

const exported = (source: string, name: string, doc = ""): Export => ({ name, declared: name, source, doc })

const claim = exported("Lease", "claim")
const held = exported("Lease", "Held")
const start = exported("Start", "start")

/** A package's index, at whose head the example stands, and one of its modules. */
const packageWith = (doc: string, leases: ReadonlyArray<Export> = [claim, held]): ReadonlyArray<Module> => [
  { specifier: "leases", doc, namespaces: ["Lease"], exports: [start] },
  { specifier: "leases/Lease", doc: "", namespaces: [], exports: leases }
]

const usedIn = (...code: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...usesIn(packageWith(fenced(...code))).keys()
]

const named = `import { claim } from "leases/Lease"`
const whole = `import * as Lease from "leases/Lease"`
const type = `import type { Held } from "leases/Lease"`

describe("An example uses an export by name", () => {
  it.each([
    ["when it calls it", claim, [named, "claim()"]],
    ["when it imports it under another name", claim, [`import { claim as take } from "leases/Lease"`, "take()"]],
    ["when it calls it on its module", claim, [whole, "Lease.claim()"]],
    ["when it has the module from an index", claim, [`import { Lease } from "leases"`, "Lease.claim()"]],
    ["when it has the index as a whole", claim, [`import * as Leases from "leases"`, "Leases.Lease.claim()"]],
    ["when an index exports it", start, [`import { start } from "leases"`, "start()"]],
    ["when it hands it on", claim, [named, "const tools = { claim }"]],
    ["when it puts it into a text", claim, [named, "const text = `${claim()}`"]],
    ["when it computes a key by it", claim, [named, "const table = { [claim]: 1 }"]],
    ["when it is what a default says", claim, [named, "const take = (by = claim) => by()"]],
    ["when a type needs it", held, [type, "const until = (lease: Held) => lease.until"]],
    ["when the type of a value is asked for", claim, [whole, "type Claim = typeof Lease.claim"]],
    ["when a type of its module is needed", held, [whole, "type Mine = ReadonlyArray<Lease.Held>"]],
    ["when something else has its name behind a dot", claim, [named, "other.claim(claim)"]]
  ])("%s", (_, one, code) => {
    assert.deepStrictEqual(usedIn(...code), [identityOf(one)])
  })

  it("and each of several once, wherever they are used again", () => {
    assert.deepStrictEqual(usedIn(whole, "Lease.claim()", "const again: Lease.Held = Lease.claim()"), [
      identityOf(claim),
      identityOf(held)
    ])
  })
})

describe("An example does not use an export", () => {
  it.each([
    ["that it only imports", [named]],
    ["of a module that it only imports", [whole, "workOn(Lease)"]],
    ["that it only exports again", [`export { claim } from "leases/Lease"`]],
    ["that it does not import", ["claim()"]],
    ["that it imports from elsewhere", [`import { claim } from "elsewhere"`, "claim()"]],
    ["that a comment names", [named, "// claim()", "/* Lease.claim() */"]],
    ["that a text names", [named, `workOn("claim", 'claim()', \`claim\`)`]],
    ["whose name follows a dot", [named, "other.claim()", "other?.claim()", "type Claim = Other.claim"]],
    ["whose name is a key", [named, "const table = { claim: 1 }", "interface Table { claim: number }"]],
    ["whose name is a method", [named, "class Office { claim() {} }", "interface Desk { claim(): void }"]],
    ["whose name is a member of an enumeration", [named, "enum Kind { claim }"]],
    ["whose name is a label", [named, "claim: for (;;) break claim", "type Pair = [claim: number]"]],
    ["whose name something else is exported under", [named, "const take = 1", "export { take as claim }"]],
    ["when the example cannot be read", [named, "claim()", "const unfinished"]]
  ])("%s", (_, code) => {
    assert.deepStrictEqual(usedIn(...code), [])
  })

  it.each([
    ["a constant", "{ const claim = () => {}; claim() }"],
    ["a parameter", "const take = (claim: () => void) => claim()"],
    ["a parameter with a default", "function take(claim = () => {}) { claim() }"],
    ["the rest of the parameters", "function take(...claim: Array<number>) { workOn(claim) }"],
    ["a property of a class's own", "class Office { constructor(readonly claim: () => void) { claim() } }"],
    ["a part of an object", "const take = ({ claim }) => claim()"],
    ["a renamed part of a part", "const take = ({ by: [claim] }) => claim()"],
    ["what is caught", "try { workOn() } catch (claim) { workOn(claim) }"],
    ["a function", "{ function claim() {} claim() }"],
    ["a function's own name", "const take = function claim() { claim() }"],
    ["a class", "{ class claim {} new claim() }"],
    ["a class's own name", "const office = class claim { again = () => new claim() }"],
    ["an enumeration", "{ enum claim { a } workOn(claim.a) }"],
    ["a type", "{ type claim = string; const text = (one: claim) => one }"],
    ["an interface", "{ interface claim {} const text = (one: claim) => one }"],
    ["a parameter of a type", "type Wrapped<claim> = { of: claim }"],
    ["the key of a mapped type", `type Mapped = { [claim in "a"]: claim }`],
    ["the key of an index", "interface Index { [claim: string]: number }"],
    ["a parameter of a function's type", "type Take = (claim: string) => void"],
    ["a parameter of a constructor's type", "type Make = new (claim: string) => object"],
    ["a parameter of a method's type", "interface Take { by(claim: string): void }"],
    ["a parameter of a call's type", "interface Take { (claim: string): void }"],
    ["a parameter of a making's type", "interface Take { new (claim: string): object }"],
    ["a parameter of a method that others write", "abstract class Take { abstract by(claim: string): void }"],
    ["a namespace", "namespace claim { export const by = 1 }"],
    ["a parameter of a function that is declared", "declare function take(claim: string): void"]
  ])("that is hidden by %s of the same name", (_, code) => {
    assert.deepStrictEqual(usedIn(named, code), [])
  })

  it("in other text than examples, nor in those of other languages", () => {
    const text = [named, "claim()"].join("\n")
    const docs = [text, `\`\`\`sh\n${text}\n\`\`\``, `\`\`\`ts\n${text}`]
    for (const doc of docs) assert.strictEqual(usesIn(packageWith(doc)).size, 0, doc)
  })
})

describe("An export", () => {
  const faults = (head: string, leases: ReadonlyArray<Export>) => {
    const modules = packageWith(head, leases)
    const uses = usesIn(modules)
    return modules.flatMap((module) => module.exports.map((one) => [one.name, whyNotShown(uses, module, one)]))
  }
  const head = fenced(`import { Lease, start } from "leases"`, "start(Lease.claim())")

  it("is shown by an example of another doc comment, where it has none of its own", () => {
    assert.deepStrictEqual(faults(head, [claim]), [
      ["start", undefined],
      ["claim", undefined]
    ])
  })

  it("is not shown when no example uses it", () => {
    assert.deepStrictEqual(faults(head, [claim, held]).at(-1), [
      "Held",
      "is used by name in no example of a doc comment"
    ])
  })

  it("must be used by its own example, also when another uses it", () => {
    const lease = (...code: ReadonlyArray<string>) => [exported("Lease", "claim", fenced(named, ...code))]
    assert.deepStrictEqual(faults(head, lease("claim()")).at(-1), ["claim", undefined])
    const fault = "is not used by name in its own example"
    assert.deepStrictEqual(faults(head, lease("// claim()")).at(-1), ["claim", fault])
  })

  it("may be used by its own example as a member of another module that has it, too", () => {
    const again = exported("Start", "start", fenced(`import { start } from "leases"`, "start()"))
    assert.deepStrictEqual(faults(head, [again]).at(-1), ["start", undefined])
  })
})
