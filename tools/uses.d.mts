/** What can be imported from a module. `declared` in `source`; `doc`: its comment, without stars and tags. */
export interface Export {
  readonly name: string
  readonly declared: string
  readonly source: string
  readonly doc: string
}

/** A module as others import it. `namespaces`: those of its exports that are modules themselves. */
export interface Module {
  readonly specifier: string
  readonly doc: string
  readonly namespaces: ReadonlyArray<string>
  readonly exports: ReadonlyArray<Export>
}

/** The head of a module, or one of its exports (`name`), in whose doc comment there is an example. */
export interface Place {
  readonly module: Module
  readonly name: string | undefined
}

/** A declaration is one thing, in however many modules it can be had. */
export declare const identityOf: (one: Export) => string

/** For each export (by `identityOf`) where examples use it. */
export declare const usesIn: (modules: ReadonlyArray<Module>) => ReadonlyMap<string, ReadonlyArray<Place>>

/** What is wrong with how an export is shown: in no example, or not in its own. `undefined` when all is well. */
export declare const whyNotShown: (uses: ReturnType<typeof usesIn>, module: Module, one: Export) => string | undefined
