import { jsonAnswer } from '../api/answer.js'
import type { ResettableClock } from '../state/clock.js'
import { control } from './control.js'
import { viewDirectory, type DirectorySources, type DirectoryView } from './directory-view.js'
import type { Endpoint } from '../api/endpoint.js'
import type { KeyRing } from '../tokens/keys.js'
import type { LocalEnv } from '../local-clerk.js'

export const DIRECTORY_PATH = '/_local/directory'

/** Characters. */
const MAX_QUERY = 200

export interface DirectoryApi extends Omit<DirectorySources, 'now'> {
  readonly clock: Pick<ResettableClock, 'now' | 'isStopped'>
  readonly keys: Pick<KeyRing, 'current' | 'published'>
  readonly url: () => string
  readonly env: () => LocalEnv
}

/** Lists the contents of the instance, truncated and optionally filtered by `?q=`. */
export function directoryApi({ clock, keys, url, env, ...sources }: DirectoryApi): Endpoint {
  return control('GET', DIRECTORY_PATH, ({ query }) => {
    const q = query.get('q') ?? ''
    if (q.length > MAX_QUERY) throw new TypeError(`"q" has at most ${MAX_QUERY} characters`)
    const view: DirectoryView = {
      url: url(),
      env: env(),
      clock: { now: clock.now(), isStopped: clock.isStopped(), machineNow: Date.now() },
      keys: { current: keys.current.kid, published: keys.published.length },
      ...viewDirectory(q, { ...sources, now: clock.now }),
    }
    return { ...jsonAnswer(view), headers: { 'cache-control': 'no-store' } }
  })
}
