import type { WebhookDelivery } from './webhook-deliveries.js'
import { between } from '../explain/words-of-time.js'

const MAX_SILENT = 100

/**
 * Makes, of attempts as they end, the lines that a developer should see: one for an event whose first attempt failed,
 * and only one in a row where nobody answers at all, as an API that has not started yet.
 */
export function createWebhookReport(): (delivery: WebhookDelivery) => string | undefined {
  const silent = new Set<string>()
  return (delivery) => {
    const { endpoint, status, attempts, outcome } = delivery
    const wasSilent = silent.has(endpoint)
    if (status === null) silent.add(endpoint)
    else silent.delete(endpoint)
    if (silent.size > MAX_SILENT) silent.clear()
    if (attempts !== 1 || outcome === 'delivered' || (status === null && wasSilent)) return undefined
    return failureLine(delivery)
  }
}

function failureLine({ type, url, status, reason, nextAttemptAt }: WebhookDelivery): string {
  return `webhook ${type} to ${url} failed: ${status ?? reason}${nextWords(nextAttemptAt)}`
}

function nextWords(nextAttemptAt: number | null): string {
  if (nextAttemptAt === null) return ''
  const delay = Math.round((nextAttemptAt - Date.now()) / 1000) * 1000
  return delay === 0 ? ', trying again until it is up' : `, again in ${between(0, delay)}`
}
