import type { WebhookDelivery } from './webhook-deliveries.js'
import { between } from '../support/durations.js'

const MAX_SILENT = 100

/**
 * Returns a function that turns failed first attempts into lines for the developer, but only one line while an endpoint
 * does not respond at all, such as an API that has not started yet.
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
  return `webhook ${type} to ${url} failed: ${status ?? reason}${retryText(nextAttemptAt)}`
}

function retryText(nextAttemptAt: number | null): string {
  if (nextAttemptAt === null) return ''
  const delay = Math.round((nextAttemptAt - Date.now()) / 1000) * 1000
  return delay === 0 ? ', retrying until it is up' : `, retry in ${between(0, delay)}`
}
