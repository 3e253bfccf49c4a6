import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { context, type Meter, type Tracer } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'

/** The SDK of OpenTelemetry, with exporters in memory. */
export interface Telemetry {
  readonly meter: Meter
  readonly tracer: Tracer
  /** What a collection exports now. */
  readonly metrics: () => Promise<readonly MetricData[]>
  /** The points of one metric: attributes and value, or for a histogram its count. */
  readonly points: (name: string) => Promise<readonly (readonly [attributes: object, value: number])[]>
  /** The spans that have ended. */
  readonly spans: () => readonly ReadableSpan[]
}

/** Until the end of the test. */
export function startTelemetry(): Telemetry {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const spanExporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] })
  const contexts = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(contexts)
  onTestFinished(async () => {
    context.disable()
    await meterProvider.shutdown()
    await tracerProvider.shutdown()
  })

  async function metrics(): Promise<readonly MetricData[]> {
    metricExporter.reset()
    await meterProvider.forceFlush()
    return metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  }

  return {
    meter: meterProvider.getMeter('test'),
    tracer: tracerProvider.getTracer('test'),
    metrics,
    points: async (name) => {
      const metric = (await metrics()).find(({ descriptor }) => descriptor.name === name)
      return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
        attributes,
        typeof value === 'number' ? value : value.count,
      ])
    },
    spans: () => spanExporter.getFinishedSpans(),
  }
}
