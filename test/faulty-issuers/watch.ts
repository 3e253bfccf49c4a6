import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

/** Fails each test of a file that causes an unhandled rejection or a warning about a leak. */
export function watchTheProcess(): void {
  const heard: string[] = []
  const onRejection = (reason: unknown) => void heard.push(`unhandled: ${inspect(reason)}`)
  const onWarning = (warning: Error) => {
    if (warning.name !== 'ClerkAuthWarning') heard.push(`warning: ${warning.message}`)
  }
  beforeAll(() => {
    process.on('unhandledRejection', onRejection)
    process.on('warning', onWarning)
  })
  const check = async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(heard.splice(0)).toEqual([])
  }
  afterEach(check)
  afterAll(async () => {
    await check()
    process.off('unhandledRejection', onRejection)
    process.off('warning', onWarning)
  })
}

/** The toolkit's timers that are running, since this file was loaded. */
export function watchTheTimers(): { readonly running: () => number } {
  const timers = new Set<unknown>()
  const { setTimeout: set, clearTimeout: clear } = globalThis
  beforeAll(() => {
    globalThis.setTimeout = ((callback: () => void, ...rest: [number?]) => {
      if (!new Error().stack?.includes('/packages/core/src/')) return set(callback, ...rest)
      const timer = set(
        () => {
          timers.delete(timer)
          callback()
        },
        ...rest,
      )
      timers.add(timer)
      return timer
    }) as typeof globalThis.setTimeout
    globalThis.clearTimeout = ((timer?: NodeJS.Timeout) => {
      timers.delete(timer)
      clear(timer)
    }) as typeof globalThis.clearTimeout
  })
  afterAll(() => {
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear })
  })
  return { running: () => timers.size }
}
