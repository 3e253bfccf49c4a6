import { metrics, type Meter } from '@opentelemetry/api'

/** The name under which this package measures and traces. */
export const SCOPE = '@clerk-auth/core'

export interface MeterOptions {
  /** Default: the meter `@clerk-auth/core` of the global provider, which the SDK must have set by then. */
  readonly meter?: Meter
}

export function meterOf({ meter }: MeterOptions): Meter {
  return meter ?? metrics.getMeter(SCOPE)
}
