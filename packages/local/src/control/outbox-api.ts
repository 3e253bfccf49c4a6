import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import { createOutbox, type OutboxEmail, type OutboxSms } from '../outbox/outbox.js'
import type { World } from '../state/world.js'
import { control } from './control.js'

const OUTBOX_PATH = '/_local/outbox'

/** The newest messages of each kind, newest first. */
export interface OutboxView {
  readonly emails: readonly OutboxEmail[]
  readonly smsMessages: readonly OutboxSms[]
}

const MAX_SHOWN = 100

/** Lists the newest messages that Clerk would have sent, or deletes all. */
export function outboxApi(world: World): readonly Endpoint[] {
  const outbox = createOutbox(world)
  const view = (): OutboxView => ({
    emails: outbox.emails().slice(0, MAX_SHOWN),
    smsMessages: outbox.smsMessages().slice(0, MAX_SHOWN),
  })
  const answer = () => ({ ...jsonAnswer(view()), headers: { 'cache-control': 'no-store' } })

  return [
    control('GET', OUTBOX_PATH, answer),
    control('DELETE', OUTBOX_PATH, () => {
      outbox.clear()
      return answer()
    }),
  ]
}
