import { describe, expect, test } from 'vitest'
import { encodePermissions, type EncodedPermissions } from '../src/tokens/permissions.js'

describe('encodePermissions', () => {
  test('encodes for each feature a mask over the list of permissions, lowest bit first', () => {
    const keys = ['org:dashboard:manage', 'org:dashboard:read', 'org:teams:read']
    expect(encodePermissions([], keys)).toEqual({ fea: 'o:dashboard,o:teams', per: 'manage,read', fpm: '3,2' })
  })

  test('encodes a feature without permissions as mask 0', () => {
    const encoded = encodePermissions(['invoices', 'reports'], ['org:reports:read'])
    expect(encoded).toEqual({ fea: 'o:invoices,o:reports', per: 'read', fpm: '0,1' })
  })

  test('keeps masks exact beyond 53 bits', () => {
    const actions = Array.from({ length: 70 }, (_, index) => `action_${index}`)
    const encoded = encodePermissions([], [...actions.map((action) => `org:a:${action}`), 'org:b:action_69'])
    expect(encoded.fpm).toBe(`${2n ** 70n - 1n},${2n ** 69n}`)
  })

  test.each([
    [[], []],
    [['invoices'], []],
    [[], ['org:invoices:create', 'org:reports:read', 'org:invoices:read', 'org:reports:export']],
    [
      ['reports', 'invoices', 'teams'],
      ['org:invoices:read', 'org:teams:read', 'org:teams:leave'],
    ],
    [['a'], Array.from({ length: 60 }, (_, index) => `org:f${index % 7}:p${index % 60}`)],
  ])('is reversed by the decoding algorithm of Clerk: features %j, permissions %j', (features, keys) => {
    expect(decode(encodePermissions(features, keys)).toSorted()).toEqual(keys.toSorted())
  })

  test('removes duplicate permissions', () => {
    const encoded = encodePermissions(['invoices'], ['org:invoices:read', 'org:invoices:read'])
    expect(encoded).toEqual({ fea: 'o:invoices', per: 'read', fpm: '1' })
  })

  test.each([
    'invoices:read',
    'org:invoices',
    'org:invoices:',
    'org::read',
    'user:invoices:read',
    'org:a:b:c',
    'org:a:b,c',
    '',
  ])('refuses %j and names it', (key) => {
    expect(() => encodePermissions([], [key])).toThrow(TypeError)
    expect(() => encodePermissions([], [key])).toThrow(`"${key}" is not a permission`)
  })

  test.each(['org:sys_memberships:manage', 'org:sys_profile'])('refuses the system permission %s', (key) => {
    expect(() => encodePermissions([], [key])).toThrow(TypeError)
    expect(() => encodePermissions([], [key])).toThrow(`"${key}" is a system permission`)
  })
})

function decode({ fea, per, fpm }: EncodedPermissions): string[] {
  if (!per || !fpm) return []
  const features = fea.split(',').map((entry) => entry.slice('o:'.length))
  const actions = per.split(',')
  return fpm.split(',').flatMap((mask, featureIndex) => {
    const bits = BigInt(mask).toString(2).split('').toReversed()
    return actions.filter((_, index) => bits[index] === '1').map((action) => `org:${features[featureIndex]}:${action}`)
  })
}
