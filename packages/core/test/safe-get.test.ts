import { afterEach, describe, expect, test } from 'vitest'
import { safeGet } from '../src/support/safe-get.js'

const everywhere = Object.prototype as unknown as Record<string, unknown>

describe('safeGet', () => {
  afterEach(() => void delete everywhere['polluted'])

  test.each<[string, object]>([
    ['of the object itself', { polluted: 'own' }],
    [
      'of its class',
      new (class {
        get polluted() {
          return 'own'
        }
      })(),
    ],
    ['that it inherits', Object.create({ polluted: 'own' }) as object],
    ['that a Proxy returns', new Proxy({}, { get: () => 'own' })],
  ])('returns a member %s', (_name, object) => {
    expect(safeGet(object, 'polluted')).toBe('own')
  })

  test('does not return members of Object.prototype, not even polluted ones', () => {
    expect(safeGet({}, 'toString')).toBeUndefined()
    everywhere['polluted'] = 'everywhere'
    expect(safeGet({}, 'polluted')).toBeUndefined()
    expect(safeGet({ polluted: 'own' }, 'polluted')).toBe('own')
    expect(safeGet({}, 'absent')).toBeUndefined()
  })
})
