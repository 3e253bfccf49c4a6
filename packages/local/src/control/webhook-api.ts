import { jsonAnswer } from '../api/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../api/endpoint.js'
import { A_STRING, AN_OBJECT, checkInput } from '../support/input.js'
import { shownUrl, type WebhookEndpoint, type WebhookEndpointInput } from '../webhooks/webhook-endpoint.js'
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '../model/webhook-event.js'
import type { Webhooks } from '../webhooks/webhooks.js'

/** Controls webhooks over HTTP, for callers in any language. */
export function webhookApi({ local, ...webhooks }: Webhooks): readonly Endpoint[] {
  const path = '/_local/webhooks'
  const overview = () =>
    jsonAnswer({
      endpoints: local.endpoints().map(shown),
      pending: webhooks.pending(),
      dropped: webhooks.droppedCount(),
      deliveries: local.deliveries(),
      types: WEBHOOK_EVENT_TYPES,
    })

  return [
    control('GET', path, overview),
    control('POST', path, async (request) => {
      const { remove: _remove, ...endpoint } = local.add((await readControlBody(request)) as WebhookEndpointInput)
      return jsonAnswer(shown(endpoint))
    }),
    control('DELETE', `${path}/{id}`, ({ params: { id = '' } }) => {
      webhooks.remove(id)
      return overview()
    }),
    control('POST', `${path}/send`, async (request) => {
      const { type, data } = sendingInput(await readControlBody(request))
      return jsonAnswer(local.send(type, data))
    }),
    control('POST', `${path}/resend`, async (request) => {
      const { id } = resendingInput(await readControlBody(request))
      local.resend(id)
      return jsonAnswer({ id })
    }),
  ]
}

function shown({ id, url, events }: WebhookEndpoint): WebhookEndpoint {
  return { id, url: shownUrl(url), events }
}

/** @throws {TypeError} */
function sendingInput(body: unknown): { readonly type: WebhookEventType; readonly data: object } {
  const input = body as { readonly type?: WebhookEventType; readonly data?: object }
  checkInput('sending a webhook', input, { type: A_STRING, data: AN_OBJECT })
  const { type, data } = input
  if (type === undefined || data === undefined)
    throw new TypeError('sending a webhook requires a "type", such as "role.updated", and its "data"')
  return { type, data }
}

/** @throws {TypeError} */
function resendingInput(body: unknown): { readonly id: string } {
  const input = body as { readonly id?: string }
  checkInput('resending a webhook', input, { id: A_STRING })
  if (input.id === undefined) throw new TypeError('resending a webhook requires the "id" of a delivery')
  return { id: input.id }
}
