import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ClerkAuth, ClerkAuthEvent } from '@clerk-auth/core'
import { observeStats, otelListener } from '@clerk-auth/core/otel'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { startTelemetry, type Telemetry } from './telemetry.js'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/observability.md'), 'utf8')

/** The rows of the table after a comment that begins with this word, and the names in backticks of each cell. */
function rowsOf(table: string): string[][][] {
  const [, text = ''] = new RegExp(`<!-- ${table}:[\\s\\S]*?-->\\n\\n((?:\\|.*\\n)+)`).exec(page) ?? []
  const rows = text.trim().split('\n').slice(2)
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => {
        const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
        return names.length > 0 ? names : [cell.trim()]
      }),
  )
}

it('the table of events has each event with its fields', () => {
  const file = join(root, 'packages/core/src/auth/events.ts')
  const program = ts.createProgram([file], { strict: true, module: ts.ModuleKind.NodeNext, types: ['node'] })
  const checker = program.getTypeChecker()
  const declaration = program
    .getSourceFile(file)!
    .statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === 'ClerkAuthEvent')!
  const union = checker.getTypeAtLocation(declaration) as ts.UnionType
  const declared = union.types.flatMap((member) => {
    const fields = member.getProperties().map(({ name }) => name)
    const type = checker.getTypeOfSymbol(member.getProperty('type')!)
    const types = (type.isUnion() ? type.types : [type]) as ts.StringLiteralType[]
    return types.map(({ value }) => [
      value,
      fields
        .filter((name) => name !== 'type')
        .sort()
        .join(),
    ])
  })
  const listed = rowsOf('events').flatMap(([types = [], fields = []]) =>
    types.map((type) => [type, fields.toSorted().join()]),
  )
  expect(declared.length).toBeGreaterThan(15)
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(declared))
})

const tokenType = 'api_key'
const code = 'verification-unavailable'
const ofRoute = { method: 'GET', route: '/' }
const EVENTS: readonly ClerkAuthEvent[] = [
  { type: 'credential-accepted', tokenType, cached: true },
  { type: 'credential-refused', tokenType, code, message: '' },
  { type: 'requirement-met', tokenType, ...ofRoute },
  { type: 'requirement-refused', tokenType, code, message: '', ...ofRoute },
  { type: 'verification-asked', tokenType, outcome: code, tookInMs: 1 },
  { type: 'keys-failed', reason: '', serving: true, retryInMs: 1, tookInMs: 1 },
  { type: 'verification-not-asked', tokenType, code },
]

/** Everything that can be measured, once. */
async function measureEverything({ meter, metrics }: Telemetry): Promise<readonly MetricData[]> {
  for (const event of EVENTS) otelListener({ meter })(event)
  const remote = { calls: 1, saved: 1, refused: 1, stale: 0, billed: 1 }
  const stats = {
    webhooks: { lastEventAt: 1000 },
    keys: { size: 1, ageInMs: 1, fetches: 1, failures: 0, notAsked: 0 },
    verified: { entries: 1, bytes: 1, hits: 1, misses: 1 },
    remote: { api_key: remote, remembered: { entries: 1, refused: 1, known: 1 } },
    revocations: { count: 1 },
    shared: { isConnected: true, hits: 1, misses: 1, failures: 1 },
  }
  observeStats({ ready: true, stats: (): ReturnType<ClerkAuth['stats']> => stats }, { meter })
  return metrics()
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram'
  if (metric.dataPointType === DataPointType.GAUGE) return 'gauge'
  return (metric as { isMonotonic?: boolean }).isMonotonic ? 'counter' : 'up-down counter'
}

it('the table of metrics has each metric with its type, unit and attributes', async () => {
  const metrics = await measureEverything(startTelemetry())
  const measured = metrics.map((metric) => {
    const attributes = new Set(metric.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))
    return [metric.descriptor.name, [kindOf(metric), metric.descriptor.unit, [...attributes].sort().join()].join(' ')]
  })
  const listed = rowsOf('metrics').map(([name = [], kind = [], unit = [], attributes = []]) => {
    return [name[0], [...kind, ...unit, attributes.toSorted().join()].join(' ')]
  })
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(measured))
})

it('the queries for Prometheus name metrics and labels that it gets', async () => {
  const metrics = await measureEverything(startTelemetry())
  const scope = { name: 'test' }
  const scrape = new PrometheusSerializer().serialize({
    resource: resourceFromAttributes({}),
    scopeMetrics: [{ scope, metrics: [...metrics] }],
  })
  const queries = [...page.matchAll(/`[^`]*clerk_auth_[^`]*`|```promql[\s\S]*?```/g)].join('\n')
  const names = new Set([...queries.matchAll(/\b(?:clerk_auth|error)_\w+/g)].map(([name]) => name))
  names.delete('clerk_auth_keys_age_seconds')
  expect(names.size).toBeGreaterThan(6)
  expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(scrape))).toEqual([])
})
