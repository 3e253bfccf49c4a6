import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { emitter, type ClerkAuthEvent } from '../src/auth/events.js'

const EVENT: ClerkAuthEvent = {
  type: 'credential-refused',
  code: 'token-expired',
  tokenType: 'session_token',
  message: 'The token has expired',
}

it('emitter calls the listener', () => {
  const heard: ClerkAuthEvent[] = []
  emitter((event) => heard.push(event))(EVENT)
  expect(heard).toEqual([EVENT])
})

it('emitter works without a listener', () => {
  expect(() => emitter(undefined)(EVENT)).not.toThrow()
})

it('emitter ignores what the listener throws', () => {
  const emit = emitter(() => {
    throw new Error('listener')
  })
  expect(() => emit(EVENT)).not.toThrow()
})

it('emitter ignores the rejection of an asynchronous listener, which would end the process', async () => {
  const rejections: unknown[] = []
  const listen = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', listen)
  const failing: () => unknown = () => Promise.reject(new Error('listener'))
  emitter(failing)(EVENT)
  await setImmediate()
  process.off('unhandledRejection', listen)
  expect(rejections).toEqual([])
})
