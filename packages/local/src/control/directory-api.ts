import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import type { Instance } from '../instance/instance.js'
import { control } from './control.js'
import { viewDirectory, type DirectoryView } from './directory-view.js'

const DIRECTORY_PATH = '/_local/directory'

/** Characters. */
const MAX_QUERY = 200

/** Lists the contents of the instance, truncated and optionally filtered by `?q=`. */
export function directoryApi({ clock, keys, world, directory, env }: Instance): Endpoint {
  return control('GET', DIRECTORY_PATH, ({ query }) => {
    const q = query.get('q') ?? ''
    if (q.length > MAX_QUERY) throw new TypeError(`"q" has at most ${MAX_QUERY} characters`)
    const view: DirectoryView = {
      url: world.url(),
      env: env(),
      clock: { now: clock.now(), isStopped: clock.isStopped(), machineNow: Date.now() },
      keys: { current: keys.current.kid, published: keys.published.length },
      ...viewDirectory(q, { world, directory }),
    }
    return { ...jsonAnswer(view), headers: { 'cache-control': 'no-store' } }
  })
}
