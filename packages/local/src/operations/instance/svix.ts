import { Refusal } from '../../api/errors.js'
import type { SvixApp } from '../../model/webhook-endpoint.js'
import type { World } from '../../state/world.js'
import { operation } from '../operation.js'

/**
 * Records whether the instance has an application at Svix. It has no further effect here: its dashboard URL is the page
 * of the instance, and webhooks are delivered with or without it.
 */
export const svix = [
  operation('CreateSvixApp', 'POST /v1/webhooks/svix', {
    run({ world }) {
      if (world.svix_apps.size() > 0) throw new Refusal('svix_app_exists')
      world.svix_apps.add({})
      return dashboard(world)
    },
  }),

  operation('DeleteSvixApp', 'DELETE /v1/webhooks/svix', {
    run: ({ world }) => world.svix_apps.remove(currentApp(world).id),
  }),

  operation('GenerateSvixAuthURL', 'POST /v1/webhooks/svix_url', {
    run({ world }) {
      currentApp(world)
      return dashboard(world)
    },
  }),
]

/** @throws {Refusal} if there is none */
function currentApp({ svix_apps }: World): SvixApp {
  const [app] = svix_apps.all()
  if (!app) throw new Refusal('svix_app_missing')
  return app
}

/** The page of the instance. */
function dashboard({ url }: World) {
  return { svix_url: `${url()}/` }
}
