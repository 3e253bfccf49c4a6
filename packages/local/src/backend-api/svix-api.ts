import { jsonAnswer } from '../http/answer.js'
import { PAGE_PATH } from '../browser-page.js'
import type { Endpoint } from '../http/endpoint.js'
import { Refusal } from '../http/errors.js'
import { newId } from '../state/ids.js'
import type { Records } from '../state/records.js'

/** What an instance has at Svix, which delivers the webhooks of Clerk. An instance has one or none. */
export interface SvixApp {
  /** `app_…` */
  readonly id: string
  /** milliseconds since the epoch */
  readonly createdAt: number
}

/**
 * That an instance has an application at Svix or not. Here it is a fact and nothing more: what would be its dashboard is
 * the page of the instance, and webhooks go out with or without it.
 *
 * @param url of the instance
 */
export function svixApi(apps: Records<SvixApp>, now: () => number, url: () => string): readonly Endpoint[] {
  const answer = () => jsonAnswer({ svix_url: url() + PAGE_PATH })

  /** @throws {Refusal} when there is none */
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
