import { jsonAnswer } from '../api/answer.js'
import { PAGE_PATH } from '../browser-page.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { newId } from '../model/ids.js'
import type { Records } from '../state/records.js'

/** The instance's application at Svix, which delivers Clerk's webhooks. An instance has at most one. */
export interface SvixApp {
  /** `app_…` */
  readonly id: string
  /** milliseconds since the epoch */
  readonly createdAt: number
}

/**
 * Records whether the instance has a Svix application. It has no further effect here: its dashboard URL is the page of
 * the instance, and webhooks are delivered with or without it.
 *
 * @param url the instance's URL
 */
export function svixApi(apps: Records<SvixApp>, now: () => number, url: () => string): readonly Endpoint[] {
  const answer = () => jsonAnswer({ svix_url: url() + PAGE_PATH })

  /** @throws {Refusal} if there is none */
  function current(): SvixApp {
    const [app] = apps.all()
    if (!app) throw new Refusal('svix_app_missing')
    return app
  }

  return [
    {
      operation: 'CreateSvixApp',
      method: 'POST',
      path: '/v1/webhooks/svix',
      answer() {
        if (apps.all().length > 0) throw new Refusal('svix_app_exists')
        apps.set({ id: newId('app'), createdAt: now() })
        return answer()
      },
    },
    {
      operation: 'DeleteSvixApp',
      method: 'DELETE',
      path: '/v1/webhooks/svix',
      answer() {
        apps.remove(current().id)
        return { status: 204, body: '' }
      },
    },
    {
      operation: 'GenerateSvixAuthURL',
      method: 'POST',
      path: '/v1/webhooks/svix_url',
      answer() {
        current()
        return answer()
      },
    },
  ]
}
