/** Metrics and spans by the conventions of OpenTelemetry. Requires `@opentelemetry/api`; the SDK is the application's. */
export { observeStats } from './observe-stats.js'
export { otelListener } from './otel-listener.js'
export type { MeterOptions } from './meter.js'
export { tracedFetch, type TracedFetchOptions } from './traced-fetch.js'
