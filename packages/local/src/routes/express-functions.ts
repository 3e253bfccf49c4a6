import { declaredParameters } from './declared-parameters.js'
import type { Layer, RouteOfRouter } from './express-router.js'
import { descriptionOf } from './guard-chain.js'

export const ANY = '_all'

export function layersFor({ stack, methods }: RouteOfRouter, method: string): readonly Layer[] {
  const own = methodIn({ methods }, method)
  return stack.filter((layer) => (!layer.method || layer.method === own) && !handlesErrors(layer))
}

/** What requests with a method meet in a route. */
export function functionsFor(route: RouteOfRouter, method: string): readonly Function[] {
  return layersFor(route, method).map(({ handle }) => handle)
}

/** A route for GET is also for HEAD. */
export function methodIn({ methods }: Pick<RouteOfRouter, 'methods'>, method: string): string {
  return method === 'head' && !methods['head'] ? 'get' : method
}

export function handles({ methods }: RouteOfRouter, method: string): boolean {
  return methods[ANY] === true || methods[methodIn({ methods }, method)] === true
}

export function handlesErrors({ handle }: Layer): boolean {
  return handle.length > 3
}

/** Only a function that does not take `next` must answer. */
export function answers({ handle }: Layer): boolean {
  return declaredParameters(handle) < 3 && !descriptionOf(handle)
}

/** As the last function of a route: `clerkWebhooks()` is both the mark and the handler. */
export function answersItself(run: Function | undefined): boolean {
  return descriptionOf(run)?.isPublic === true
}

/** What runs behind the last guard of a route; everything, where it has none. */
export function behindGuard(layers: readonly Layer[]): readonly Layer[] {
  return layers
    .slice(lastGuardAmong(layers) + 1)
    .filter(({ handle }, i, { length }) => !descriptionOf(handle) || (i === length - 1 && answersItself(handle)))
}

export function lastGuardAmong(layers: readonly Layer[]): number {
  const answer = layers.findIndex(answers)
  const reached = layers.slice(0, answer < 0 ? undefined : answer)
  return reached.findLastIndex((layer) => descriptionOf(layer.handle)?.isPublic === false)
}
