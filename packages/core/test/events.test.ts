import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { emitter, type ClerkAuthEvent } from '../src/auth/events.js'

const EVENT: ClerkAuthEvent = {
  type: 'credential-refused',
  code: 'token-expired',
  tokenType: 'session_token',
  message: 'The token has expired',
}

const broken = () => {
  throw new Error('listener')
}

describe('emitter', () => {
  test('calls the listener', () => {
    const heard: ClerkAuthEvent[] = []
    emitter((event) => heard.push(event)).emit(EVENT)
    expect(heard).toEqual([EVENT])
  })

  test('calls each listener of a list, even if an earlier one throws', () => {
    const heard: string[] = []
    emitter([() => heard.push('first'), broken, () => heard.push('last')]).emit(EVENT)
    expect(heard).toEqual(['first', 'last'])
  })

  test('works without a listener', () => {
    expect(() => emitter(undefined).emit(EVENT)).not.toThrow()
  })

  test('ignores what the listener throws', () => {
    expect(() => emitter(broken).emit(EVENT)).not.toThrow()
  })

  test('ignores the rejection of an asynchronous listener, which would end the process', async () => {
    const rejections: unknown[] = []
    const listen = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', listen)
    const failing: () => unknown = () => Promise.reject(new Error('listener'))
    emitter(failing).emit(EVENT)
    await setImmediate()
    process.off('unhandledRejection', listen)
    expect(rejections).toEqual([])
  })

  test('publishes events in the channel "clerk-auth", while something subscribes to it', () => {
    const { emit, isHeard } = emitter(undefined)
    const publish = vi.spyOn(channel('clerk-auth'), 'publish')
    onTestFinished(() => publish.mockRestore())
    expect(isHeard()).toBe(false)
    emit(EVENT)
    expect(publish).not.toHaveBeenCalled()
    publish.mockRestore()

    const heard: unknown[] = []
    const listen = (message: unknown) => void heard.push(message)
    subscribe('clerk-auth', listen)
    expect(isHeard()).toBe(true)
    emit(EVENT)
    unsubscribe('clerk-auth', listen)
    expect(isHeard()).toBe(false)
    emit(EVENT)
    expect(heard).toEqual([EVENT])
  })

  test.each([
    ['without a process', undefined],
    ['without process.getBuiltinModule', {}],
    ['without node:diagnostics_channel', { getBuiltinModule: () => undefined }],
  ])('works on a runtime %s', (_name, process) => {
    vi.stubGlobal('process', process)
    onTestFinished(() => void vi.unstubAllGlobals())
    const heard: ClerkAuthEvent[] = []
    emitter((event) => heard.push(event)).emit(EVENT)
    const { isHeard } = emitter(undefined)
    vi.unstubAllGlobals()
    expect(heard).toEqual([EVENT])
    expect(isHeard()).toBe(false)
  })

  test('is heard if there is a listener', () => {
    expect(emitter(() => {}).isHeard()).toBe(true)
    expect(emitter([]).isHeard()).toBe(false)
  })
})
