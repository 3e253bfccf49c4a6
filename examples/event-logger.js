/**
 * Logs events with pino or Fastify's logger, at the level that an operator expects.
 *
 * @param {Pick<import('pino').BaseLogger, 'error' | 'warn' | 'info' | 'debug'>} logger
 * @returns {import('@clerk-auth/core').EventListener}
 */
export function eventLogger(logger) {
  return (event) => logger[levelOf(event)]({ event }, `clerk-auth: ${event.type}`)
}

/** Requests are still answered, but something needs attention. */
const WARNINGS = new Set([
  'breaker-opened',
  'clock-skew',
  'keys-failed',
  'machine-scope-unchecked',
  'revocations-overflowed',
  'shared-store-emptied',
  'shared-store-failed',
  'verification-stale',
])
const NEWS = new Set(['breaker-closed', 'impersonation', 'shared-store-recovered'])

/** @param {import('@clerk-auth/core').ClerkAuthEvent} event */
function levelOf(event) {
  // Verification is unavailable: a 503, which is not the fault of the caller.
  if (event.type === 'credential-refused' || event.type === 'requirement-refused')
    return /^(keys|verification)-/.test(event.code) ? 'error' : 'info'
  if (event.type === 'shared-store-problem') return 'error'
  if (WARNINGS.has(event.type)) return 'warn'
  return NEWS.has(event.type) ? 'info' : 'debug'
}
