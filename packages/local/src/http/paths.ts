import type { Endpoint, Method } from '../api/endpoint.js'

/** `/v1/users/:user_id` for `/v1/users/{user_id}` */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** Hono takes the first route that matches, so `/v1/users/count` must come before `/v1/users/{user_id}`. */
export function inOrderOfRoutes(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.toSorted((one, other) => parameters(one) - parameters(other))
}

function parameters({ path }: Endpoint): number {
  return path.split('{').length
}

/** The methods of the endpoints at a path. */
export function allowedMethods(endpoints: readonly Endpoint[], path: string): readonly Method[] {
  return endpoints.filter((endpoint) => matchesPath(endpoint.path, path)).map(({ method }) => method)
}

export function matchesPath(template: string, path: string): boolean {
  const [expected, parts] = [template.split('/'), path.split('/')]
  if (expected.length !== parts.length) return false
  return expected.every((part, i) => (part.startsWith('{') ? Boolean(parts[i]) : part === parts[i]))
}
