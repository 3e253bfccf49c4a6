import { vi } from 'vitest'

/** Records what the process writes to its streams and the console, and its warnings. The output still appears. */
export function watchOutput(): { readonly text: () => string; readonly stop: () => void } {
  const spies = [
    vi.spyOn(process.stdout, 'write'),
    vi.spyOn(process.stderr, 'write'),
    ...(['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((name) => vi.spyOn(console, name)),
  ]
  const warnings: string[] = []
  const listen = (warning: Error) => void warnings.push(String(warning.stack))
  process.on('warning', listen)
  return {
    text: () => [...spies.flatMap(({ mock }) => mock.calls.flat().map(String)), ...warnings].join('\n'),
    stop: () => {
      process.off('warning', listen)
      for (const spy of spies) spy.mockRestore()
    },
  }
}
