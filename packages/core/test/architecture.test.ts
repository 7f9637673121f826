import { globSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync, Visitor, type Program, type Span, type VisitorObject } from "oxc-parser"
import { assert, describe, it } from "vitest"

interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
  readonly program: Program
  readonly docs: ReadonlyArray<Span>
  readonly imports: ReadonlyArray<Span & { readonly specifier: string | undefined }>
}

interface Finding {
  readonly start: number
  readonly rule: string
}

interface Rule {
  readonly title: string
  readonly appliesTo: (path: string) => boolean
  readonly findings: (source: Source) => ReadonlyArray<Finding>
}

const parse = (path: string, text: string): Source => {
  const { comments, errors, module, program } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`)
  const specifierOf = (span: Span) => /^["'](.*)["']$/.exec(text.slice(span.start, span.end))?.[1]
  const requests = [
    ...module.staticImports.map((each) => each.moduleRequest),
    ...module.staticExports.flatMap((each) => each.entries.flatMap((entry) => entry.moduleRequest ?? [])),
    ...module.dynamicImports.map((each) => each.moduleRequest)
  ]
  return {
    path,
    text,
    program,
    docs: comments.filter((comment) => comment.type === "Block" && /^\*[\s*]*\S/.test(comment.value)),
    imports: requests.map((span) => ({ ...span, specifier: specifierOf(span) }))
  }
}

/** Walks the program; the visitor is given the means to report what it meets. */
const collect = (source: Source, visitor: (found: (node: Span, rule: string) => void) => VisitorObject) => {
  const findings: Array<Finding> = []
  new Visitor(visitor(({ start }, rule) => findings.push({ start, rule }))).visit(source.program)
  return findings
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length

const everywhere = () => true
const inCore = (path: string) => path.startsWith("packages/core/src/")
const inPureRing = (path: string) => /^packages\/core\/src\/(model|strategy|protocol)\//.test(path)

// ---------------------------------------------------------------------------------------------------------- imports

const layers = ["model", "strategy", "protocol", "runtime", "public"] as const
type Layer = (typeof layers)[number]

/** The folder under `src`; the modules at its top are the public surface. */
const layerOf = (path: string): Layer | undefined => {
  const [first = "", ...rest] = path.slice("packages/core/src/".length).split("/")
  return rest.length === 0 ? "public" : layers.find((layer) => layer === first)
}

const pure =
  /^effect\/(Array|Boolean|Brand|Data|Equal|Equivalence|Function|Hash|Number|Option|Order|Ordering|Pipeable|Predicate|Record|Result|Schema|SchemaGetter|SchemaIssue|SchemaTransformation|String|Struct|Tuple|Types)$/
const stableEffect = /^effect(\/(?!unstable(\/|$)).+)?$/
const builtIn = /^node:/

const external: Record<Layer, ReadonlyArray<RegExp>> = {
  model: [pure],
  strategy: [pure],
  protocol: [pure],
  runtime: [stableEffect, builtIn],
  public: [stableEffect]
}

const importFault = (path: string, specifier: string | undefined): string | undefined => {
  const from = layerOf(path)
  if (from === undefined) return "core's folders are model, strategy, protocol and runtime"
  if (specifier === undefined) return "a computed import cannot be checked: write the name out"
  if (!specifier.startsWith(".")) {
    return external[from].some((allowed) => allowed.test(specifier)) ? undefined : `${from} may not import ${specifier}`
  }
  const target = posix.join(posix.dirname(path), specifier)
  if (!inCore(target)) return `core may not reach outside its sources: ${specifier}`
  const to = layerOf(target)
  const isDownward = to !== undefined && layers.indexOf(to) <= layers.indexOf(from)
  return isDownward ? undefined : `${from} may not import upward, from ${to ?? target}`
}

const imports: Rule = {
  title: "imports point down: runtime, protocol, strategy, model; the pure ring sees only data modules of effect",
  appliesTo: inCore,
  findings: (source) => [
    ...source.imports.flatMap(({ specifier, start }) => {
      const rule = importFault(source.path, specifier)
      return rule === undefined ? [] : [{ start, rule }]
    }),
    ...collect(source, (found) => ({
      TSImportType: (node) => found(node, "no import inside a type: write an import statement")
    }))
  ]
}

// ------------------------------------------------------------------------------------------------------------ purity

const worldly = new Set(
  [
    ["Date", "performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
    ["clearTimeout", "clearInterval", "clearImmediate", "Promise", "console", "process", "crypto"],
    ["fetch", "globalThis", "Intl"]
  ].flat()
)

const purity: Rule = {
  title: "the pure ring never touches time, chance, the world or a locale, and throws only in assert",
  appliesTo: inPureRing,
  findings: (source) =>
    collect(source, (found) => {
      // Where a name is only a label, as in `record.process`, it refers to nothing. A parent is visited before its parts.
      const labels = new Set<number>()
      const label = (node: { readonly key: Span; readonly computed: boolean }) => {
        if (!node.computed) labels.add(node.key.start)
      }
      const banAsync = (node: Span & { readonly async: boolean }) => {
        if (node.async) found(node, "no async in the pure ring")
      }
      return {
        Identifier: (node) => {
          if (worldly.has(node.name) && !labels.has(node.start)) found(node, `no ${node.name} in the pure ring`)
        },
        MemberExpression: (node) => {
          if (!node.computed) labels.add(node.property.start)
          const member = source.text.slice(node.property.start, node.property.end)
          const isRandom = node.object.type === "Identifier" && node.object.name === "Math" && /\brandom\b/.test(member)
          if (isRandom) found(node, "no Math.random in the pure ring")
          if (/^(localeCompare|toLocale\w+)$/.test(member)) found(node.property, `no ${member}: compare by code units`)
        },
        Property: (node) => {
          if (!node.shorthand) label(node)
        },
        PropertyDefinition: label,
        MethodDefinition: label,
        TSPropertySignature: label,
        TSMethodSignature: label,
        TSQualifiedName: (node) => void labels.add(node.right.start),
        ArrowFunctionExpression: banAsync,
        FunctionDeclaration: banAsync,
        FunctionExpression: banAsync,
        AwaitExpression: (node) => found(node, "no await in the pure ring"),
        ForOfStatement: (node) => {
          if (node.await) found(node, "no await in the pure ring")
        },
        ThrowStatement: (node) => {
          if (source.path !== "packages/core/src/model/Assert.ts") found(node, "no throw in the pure ring: use assert")
        }
      }
    })
}

// -------------------------------------------------------------------------------------------------------- size, names

const maxFileLines = 400
const maxFunctionLines = 70

const size: Rule = {
  title: `no file has more than ${maxFileLines} lines, no function more than ${maxFunctionLines}`,
  appliesTo: everywhere,
  findings: (source) => {
    const fileLines = lineAt(source.text, source.text.trimEnd().length)
    const tooLong = fileLines > maxFileLines
    const file = tooLong ? [{ start: 0, rule: `the file has ${fileLines} lines, at most ${maxFileLines}` }] : []
    const functions = collect(source, (found) => {
      const measure = (node: Span) => {
        const lines = lineAt(source.text, node.end) - lineAt(source.text, node.start) + 1
        if (lines > maxFunctionLines) found(node, `the function has ${lines} lines, at most ${maxFunctionLines}`)
      }
      return { ArrowFunctionExpression: measure, FunctionDeclaration: measure, FunctionExpression: measure }
    })
    return [...file, ...functions]
  }
}

const names: Rule = {
  title: "every file is named in PascalCase after the one thing it holds",
  appliesTo: everywhere,
  findings: ({ path }) => {
    const name = posix.basename(path, ".ts")
    if (/^(utils?|helpers?|common|types)$/i.test(name)) return [{ start: 0, rule: `"${name}" names no thing` }]
    return /^([A-Z][A-Za-z0-9]*|index|main)$/.test(name) ? [] : [{ start: 0, rule: `"${name}" is not PascalCase` }]
  }
}

// --------------------------------------------------------------------------------------------------- docs, escape hatches

const isNamed = (node: { readonly id?: { readonly name?: string } | null }) => node.id?.name ?? "default"

type Statement = Program["body"][number]

const declaredNames = (statement: Statement): ReadonlyArray<string> => {
  switch (statement.type) {
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return [isNamed(statement)]
    case "ExportNamedDeclaration":
      return statement.declaration === null ? [] : declaredNames(statement.declaration)
    default:
      return []
  }
}

/** The names that a statement exports and this very file declares; what comes from elsewhere is documented there. */
const exportedNames = (statement: Statement): ReadonlyArray<string> => {
  if (statement.type === "ExportDefaultDeclaration") return ["default"]
  if (statement.type !== "ExportNamedDeclaration" || statement.source !== null) return []
  const listed = statement.specifiers.flatMap(({ local }) => (local.type === "Identifier" ? [local.name] : []))
  return [...listed, ...declaredNames(statement)]
}

const documentation: Rule = {
  title: "everything exported has a doc comment",
  appliesTo: everywhere,
  findings: ({ docs, program, text }) => {
    const isDocumented = ({ start }: Span) =>
      docs.some((doc) => doc.end <= start && text.slice(doc.end, start).trim() === "")
    // A type and a value of one name share one comment, and so do the overloads of a function.
    const documented = new Set(program.body.filter(isDocumented).flatMap(declaredNames))
    const imported = new Set(
      program.body.flatMap((each) =>
        each.type === "ImportDeclaration" ? each.specifiers.map((s) => s.local.name) : []
      )
    )
    return program.body.flatMap((statement) =>
      exportedNames(statement)
        .filter((name) => !documented.has(name) && !imported.has(name) && !isDocumented(statement))
        .map((name) => ({ start: statement.start, rule: `${name} is exported without a doc comment` }))
    )
  }
}

const escapes: Rule = {
  title: "no source says any, nor claims with ! that a value is there",
  appliesTo: everywhere,
  findings: (source) =>
    collect(source, (found) => {
      const banDefinite = (node: Span & { readonly definite?: boolean | null }) => {
        if (node.definite) found(node, "no definite assignment with !")
      }
      return {
        TSAnyKeyword: (node) => found(node, "no any: say unknown, or the type"),
        TSNonNullExpression: (node) => found(node, "no non-null !: handle undefined"),
        VariableDeclarator: banDefinite,
        PropertyDefinition: banDefinite
      }
    })
}

// ------------------------------------------------------------------------------------------------------------- tests

const violations = (rule: Rule, subjects: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const found = subjects.flatMap((source) =>
    rule.findings(source).map((finding) => `${source.path}:${lineAt(source.text, finding.start)} ${finding.rule}`)
  )
  return [...new Set(found)]
}

const root = fileURLToPath(new URL("../../../", import.meta.url))

const sources = globSync(["packages/*/src/**/*.ts", "chaos/**/*.ts", "demo/**/*.ts"], { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .sort()
  .map((path) => parse(path, readFileSync(root + path, "utf8")))

describe("The sources", () => {
  it.each([imports, purity, size, names, documentation, escapes])("keep the rule: $title", (rule) => {
    const subjects = sources.filter(({ path }) => rule.appliesTo(path))
    assert.isAbove(subjects.length, 0, "a rule that looked at no file says nothing")
    const found = violations(rule, subjects)
    if (found.length > 0) assert.fail(`${found.length} violations\n${found.join("\n")}`)
  })
})

const model = "packages/core/src/model/Sample.ts"
const protocol = "packages/core/src/protocol/Sample.ts"
const runtime = "packages/core/src/runtime/Sample.ts"
const lines = (count: number, text = "") => `${text}\n`.repeat(count)

/** Wrong sources, so that no rule can go blind unnoticed. */
const wrong: ReadonlyArray<readonly [what: string, rule: Rule, path: string, text: string]> = [
  ["an upward import", imports, model, `import * as Claim from "../protocol/Claim.ts"`],
  ["an upward re-export", imports, protocol, `export * as Loop from "../runtime/Loop.ts"`],
  ["an upward import of a type", imports, model, `import type { Loop } from "../runtime/Loop.ts"`],
  ["an import inside a type", imports, model, `type Loop = import("../runtime/Loop.ts").Loop`],
  ["a computed import", imports, runtime, `const load = (name: string) => import(name)`],
  ["an import of the index from a layer", imports, runtime, `import * as Parti from "../index.ts"`],
  ["an import out of core", imports, runtime, `import * as Memory from "../../../testkit/src/Memory.ts"`],
  ["an unknown folder", imports, "packages/core/src/misc/Sample.ts", `import * as Epoch from "../model/Epoch.ts"`],
  ["effect's barrel in the pure ring", imports, protocol, `import { Schema } from "effect"`],
  ["Effect in the pure ring", imports, model, `import * as Effect from "effect/Effect"`],
  ["a built-in in the pure ring", imports, model, `import { hostname } from "node:os"`],
  ["an unstable module in the runtime", imports, runtime, `import * as Cli from "effect/unstable/cli"`],
  ["a foreign package in the runtime", imports, runtime, `import { connect } from "@nats-io/transport-node"`],
  ["Date", purity, protocol, `const now = () => Date.now()`],
  ["Date as a type", purity, model, `type Entry = { readonly at: Date }`],
  ["Math.random", purity, model, `const draw = () => Math.random()`],
  ["Math.random by index", purity, model, `const draw = () => Math["random"]()`],
  ["a timer", purity, protocol, `setTimeout(() => undefined, 1)`],
  ["the console", purity, model, `console.log(1)`],
  ["the process", purity, model, `const id = process.pid`],
  ["a shorthand that reads the process", purity, model, `const all = { process }`],
  ["crypto", purity, model, `const id = crypto.randomUUID()`],
  ["an async function", purity, model, `const load = async () => 1`],
  ["an async method", purity, model, `class Loader { async load() {} }`],
  ["await", purity, model, `await undefined`],
  ["throw", purity, model, `const fail = () => { throw new Error("no") }`],
  ["an order that depends on the locale", purity, model, `const order = (a: string, b: string) => a.localeCompare(b)`],
  ["a long file", size, model, lines(maxFileLines + 1, "type A = 1")],
  ["a long function", size, model, `const f = () => {${lines(maxFunctionLines)}}`],
  ["a file of leftovers", names, "packages/core/src/model/Helpers.ts", ""],
  ["a file in camelCase", names, "packages/core/src/model/workerId.ts", ""],
  ["an export without a comment", documentation, model, `export const a = 1`],
  ["an export with a plain comment", documentation, model, `/* One. */\nexport const a = 1`],
  ["an export with an empty comment", documentation, model, `/** */\nexport const a = 1`],
  ["an export far below its comment", documentation, model, `/** One. */\nconst a = 1\nexport type B = 1`],
  ["a listed export without a comment", documentation, model, `const a = 1\nexport { a }`],
  ["any", escapes, model, `const a: any = 1`],
  ["a cast to any", escapes, model, `const a = 1 as any`],
  ["a non-null claim", escapes, model, `const first = (all: ReadonlyArray<number>) => all[0]!`],
  ["a definite assignment", escapes, model, `let a!: number`]
]

/** Right sources that look like wrong ones. */
const right: ReadonlyArray<readonly [what: string, rule: Rule, path: string, text: string]> = [
  ["a downward import", imports, runtime, `import * as Claim from "../protocol/Claim.ts"`],
  ["a neighbour", imports, protocol, `import * as Claim from "./Claim.ts"`],
  ["a data module of effect", imports, model, `import * as Schema from "effect/Schema"`],
  ["effect in the runtime", imports, runtime, `import { Effect } from "effect"`],
  ["a field called process", purity, model, `type A = { readonly process: number }\nconst f = (a: A) => a.process`],
  ["a banned word in a string or a comment", purity, model, `// Date.now() await\nconst a = "throw"`],
  ["throw in assert", purity, "packages/core/src/model/Assert.ts", `const assert = () => { throw new Error("no") }`],
  ["a file and a function of the greatest size", size, model, `const f = () => {${lines(maxFunctionLines - 1)}}`],
  ["a type and a value under one comment", documentation, model, `/** A. */\nexport const A = 1\nexport type A = 1`],
  ["a listed export with a comment", documentation, model, `/** A. */\nconst a = 1\nexport { a }`],
  ["a re-export", documentation, model, `export * as Epoch from "./Epoch.ts"`],
  ["the word any in prose", escapes, model, `/** Takes any! */\nconst isAbsent = (a: unknown) => !a`]
]

describe("The rules", () => {
  it.each(wrong)("refuse %s", (_, rule, path, text) => {
    assert.lengthOf(violations(rule, [parse(path, text)]), 1)
  })

  it.each(right)("accept %s", (_, rule, path, text) => {
    assert.deepStrictEqual(violations(rule, [parse(path, text)]), [])
  })
})
