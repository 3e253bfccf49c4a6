import { describe, expect, test } from 'vitest'
import { checkMachineScope, MACHINE_ID } from '../src/machine-scope.js'
import { AUTHS, HERE, MACHINE, OTHER_MACHINE } from './fixtures-machines.js'
import { codeOf } from './fixtures-tokens.js'

const scoped = (...scopes: string[]) => ({ ...AUTHS.m2m_token, scopes })

describe('checkMachineScope', () => {
  test.each([
    ['this machine', [HERE]],
    ['this machine among others', [OTHER_MACHINE, HERE]],
  ])('lets a token for %s pass', (_name, scopes) => {
    expect(codeOf(() => checkMachineScope(scoped(...scopes), HERE))).toBeUndefined()
  })

  test.each([
    ['another machine', [OTHER_MACHINE]],
    ['the machine that calls', [MACHINE]],
    ['no machine', []],
    ['"any" machine, by its own word', ['any']],
    ['this machine in other letters', [HERE.toUpperCase()]],
    ['a longer name', [`${HERE}x`]],
    ['names in one text', [`${HERE} ${OTHER_MACHINE}`]],
  ])('refuses a token for %s', (_name, scopes) => {
    expect(codeOf(() => checkMachineScope(scoped(...scopes), HERE))).toBe('machine-out-of-scope')
  })

  test('lets every machine pass where that is said in writing', () => {
    for (const scopes of [[], [OTHER_MACHINE]])
      expect(codeOf(() => checkMachineScope(scoped(...scopes), 'any'))).toBeUndefined()
  })
})

test.each(['', 'mch_', 'any', `${HERE}x`, HERE.slice(0, -1), `${HERE}\n`, ` ${HERE}`, HERE.replace('h', '-'), 'MCH_x'])(
  '%j is no machine',
  (id) => {
    expect(MACHINE_ID.test(id)).toBe(false)
  },
)
