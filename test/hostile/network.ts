import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Listens to every request that this process makes by `fetch` or by `node:http`, whoever makes it. */
export function watchNetwork(): { readonly asked: readonly string[]; readonly stop: () => void } {
  const asked: string[] = []
  const byFetch = (message: unknown) => {
    const { request } = message as { request: { origin: string | URL; path: string } }
    asked.push(`${String(request.origin)}${request.path}`)
  }
  const byHttp = (message: unknown) => {
    const { request } = message as { request: { host: string; path: string } }
    asked.push(`http://${request.host}${request.path}`)
  }
  subscribe('undici:request:create', byFetch)
  subscribe('http.client.request.start', byHttp)
  return {
    asked,
    stop: () => {
      unsubscribe('undici:request:create', byFetch)
      unsubscribe('http.client.request.start', byHttp)
    },
  }
}
