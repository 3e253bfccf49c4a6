import { jsonAnswer } from '../api/answer.js'
import type { ResettableClock } from '../state/clock.js'
import { control, readControlBody } from './control.js'
import { clockMove, faultInput, revocationInput, rotationInput } from './control-input.js'
import type { Endpoint } from '../api/endpoint.js'
import type { OperationCalls } from '../http/operation-calls.js'
import type { KeyRing } from '../tokens/keys.js'
import type { RequestLog } from '../http/request-log.js'

/** The parts of an instance that can be controlled. */
export interface Controls {
  readonly clock: ResettableClock
  readonly keys: KeyRing
  readonly calls: () => OperationCalls
  readonly requests: () => RequestLog
  readonly revoke: (tokenOrId: string, reason: string | null) => void
  readonly reset: () => void
}

/** Controls a running instance over HTTP, for callers in any language. */
export function controlApi({ clock, keys, calls, requests, revoke, reset }: Controls): readonly Endpoint[] {
  const clockAnswer = () =>
    jsonAnswer({ now: clock.now(), iso: new Date(clock.now()).toISOString(), isStopped: clock.isStopped() })
  const keysAnswer = () =>
    jsonAnswer({
      current: keys.current.kid,
      published: keys.published.map(({ kid, algorithm }) => ({ kid, alg: algorithm })),
    })
  const faultsAnswer = () => jsonAnswer({ faults: calls().faults() })
  const done = () => jsonAnswer({})

  return [
    control('GET', '/_local/clock', clockAnswer),
    control('POST', '/_local/clock', async (request) => {
      const move = clockMove(await readControlBody(request))
      if ('set' in move) clock.set(move.set)
      else clock.advance(move.advance)
      return clockAnswer()
    }),
    control('DELETE', '/_local/clock', () => {
      clock.reset()
      return clockAnswer()
    }),

    control('GET', '/_local/keys', keysAnswer),
    control('POST', '/_local/keys', async (request) => {
      await keys.rotate(rotationInput(await readControlBody(request)).overlap ?? true)
      return keysAnswer()
    }),
    control('DELETE', '/_local/keys/{kid}', ({ params: { kid = '' } }) => {
      keys.remove(kid)
      return keysAnswer()
    }),

    control('GET', '/_local/faults', () => jsonAnswer({ faults: calls().faults(), operations: calls().names })),
    control('POST', '/_local/faults', async (request) => {
      const { operation, fault } = faultInput(await readControlBody(request))
      calls().fault(operation, fault)
      return faultsAnswer()
    }),
    control('DELETE', '/_local/faults', () => {
      for (const { operation } of calls().faults()) calls().fault(operation)
      return faultsAnswer()
    }),
    control('DELETE', '/_local/faults/{operation}', ({ params: { operation = '' } }) => {
      calls().fault(operation)
      return faultsAnswer()
    }),

    control('GET', '/_local/calls', () => jsonAnswer({ calls: calls().counts(), requests: requests().latest() })),
    control('GET', '/_local/calls/{operation}', ({ params: { operation = '' } }) =>
      jsonAnswer({ operation, calls: calls().count(operation) }),
    ),

    control('POST', '/_local/revoke', async (request) => {
      const { token, reason } = revocationInput(await readControlBody(request))
      revoke(token, reason)
      return done()
    }),
    control('POST', '/_local/reset', async (request) => {
      await readControlBody(request)
      reset()
      return done()
    }),
  ]
}
