/** What `ops/` holds, as the tests of it read it. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../../", import.meta.url))

export const textOf = (path: string): string => readFileSync(root + path, "utf8")

export interface DataSource {
  readonly type: string
  readonly uid: string
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat: string
  readonly datasource: DataSource
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: DataSource
  readonly targets?: ReadonlyArray<Target>
  readonly collapsed?: boolean
  readonly panels?: ReadonlyArray<Panel>
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit: string
      readonly thresholds?: {
        readonly mode: string
        readonly steps: ReadonlyArray<{ readonly color: string; readonly value: number | null }>
      }
    }
  }
  readonly options?: { readonly reduceOptions?: { readonly calcs: ReadonlyArray<string> } }
}

export interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string
  readonly definition?: string
  readonly datasource?: DataSource
}

export interface Annotation {
  readonly name: string
  readonly expr: string
  readonly datasource: DataSource
}

export interface Dashboard {
  readonly id?: null
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly version: number
  readonly refresh: string
  readonly time: { readonly from: string; readonly to: string }
  readonly panels: ReadonlyArray<Panel>
  readonly templating: { readonly list: ReadonlyArray<Variable> }
  readonly annotations: { readonly list: ReadonlyArray<Annotation> }
}

// A file of our own: what is missing of it makes the tests fail.
export const dashboard: Dashboard = JSON.parse(textOf("ops/grafana-dashboard.json"))

export const alerts: string = textOf("ops/prometheus-alerts.yml")

export interface Query {
  readonly where: string
  readonly text: string
}

/** What the panels ask, and what marks the times of rebalances in them. */
export const queries: ReadonlyArray<Query> = [
  ...dashboard.panels.flatMap(({ targets = [], title }) => targets.map(({ expr }) => ({ where: title, text: expr }))),
  ...dashboard.annotations.list.map(({ expr, name }) => ({ where: name, text: expr }))
]
