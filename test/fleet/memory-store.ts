import type { SharedStore, StoreListener } from '@clerk-auth/core/shared'

/** A store in the memory of one process, to test what shares it. */
export function memoryStore(now: () => number = Date.now): SharedStore & { readonly empty: () => void } {
  const stored = new Map<string, { text: string; rank: number; at: number; until: number }>()
  let appended = 0
  const log: { position: string; key: string; text: string }[] = []
  const listeners = new Set<StoreListener>()
  const last = () => log.at(-1)?.position ?? ''
  const live = (key: string) => {
    const entry = stored.get(key)
    return entry && now() < entry.until ? entry : undefined
  }
  const put = (key: string, text: string, forMs: number, rank = 0) =>
    stored.set(key, { text, rank, at: now(), until: now() + forMs })

  return {
    // Positions go on, as those of Redis do, which are times.
    empty: () => {
      stored.clear()
      log.length = 0
    },
    open: (_name, listener) => {
      listeners.add(listener)
      return {
        claim: async (key, { owner, forMs }) => {
          const value = live(key)
          if (value)
            return { value: { text: value.text, ageInMs: now() - value.at }, isLeased: false, position: last() }
          const isLeased = !live(`${key}:lease`)
          if (isLeased) put(`${key}:lease`, owner, forMs)
          return { isLeased, position: last() }
        },
        settle: async (key, owner, value) => {
          if (live(`${key}:lease`)?.text === owner) stored.delete(`${key}:lease`)
          if (value) put(key, value.text, value.forMs)
        },
        remove: async (key, text) => {
          if (live(key)?.text === text) stored.delete(key)
        },
        append: async (entries) => {
          const before = appended
          for (const { key, rank, text, forMs } of entries) {
            const held = live(key)
            const isRenewed = held?.rank === rank && held.until - now() < 0.9 * forMs
            if (held && held.rank >= rank && !isRenewed) continue
            put(key, text, forMs, rank)
            log.push({ position: String(++appended).padStart(12, '0'), key, text })
          }
          if (appended > before) for (const { changed } of listeners) changed()
        },
        read: async (after) => {
          const isContinuous = after === '' || log.some(({ position }) => position === after)
          const entries = log.filter(({ position }) => position > after)
          return { entries, position: last(), isContinuous, isTrimmed: false }
        },
        find: async (keys) => keys.flatMap((key) => (live(key) ? [{ key, text: live(key)!.text }] : [])),
        close: () => void listeners.delete(listener),
      }
    },
  }
}
