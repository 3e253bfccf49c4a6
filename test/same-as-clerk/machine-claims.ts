import * as fc from 'fast-check'
import { CATEGORY, MACHINE, OTHER_MACHINE, USER, type Claims, type Header } from './tokens.js'
import { isIJson } from '../properties/i-json.js'

const word = fc.stringMatching(/^[\w:.-]{1,12}$/)
const machine = fc.constantFrom(MACHINE, OTHER_MACHINE, `mch_${'z'.repeat(27)}`)
const custom = fc.dictionary(
  // Without `__proto__`: see docs/differences.md.
  fc.oneof(fc.constantFrom('sid', 'org_id', 'azp', 'scope', 'constructor', 'metadata'), word),
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }).filter(isIJson),
  { maxKeys: 4 },
)

/** The claims of an M2M token, apart from its times and issuer. */
export const m2mClaims: fc.Arbitrary<Claims> = fc
  .tuple(
    custom,
    fc.record(
      {
        sub: machine,
        jti: fc.oneof(fc.constant(''), word),
        aud: fc.option(fc.array(machine, { maxLength: 3 }), { nil: undefined }),
        scopes: fc.option(
          fc.array(machine, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
          { nil: undefined },
        ),
      },
      { requiredKeys: ['sub'] },
    ),
  )
  .map(([added, own]) => ({ ...without(added, RESERVED), ...own }))

export const m2mHeader: fc.Arbitrary<Header> = fc.record({
  cat: fc.constantFrom(CATEGORY.m2m, undefined),
  typ: fc.constantFrom('JWT', undefined),
})

/** The claims of an OAuth access token, apart from its times and issuer. */
export const oauthClaims: fc.Arbitrary<Claims> = fc
  .tuple(
    custom,
    fc.record(
      {
        sub: fc.oneof(fc.constant(USER), fc.stringMatching(/^user_\w{1,27}$/)),
        client_id: word,
        jti: fc.oneof(fc.constant(''), word),
        scope: fc.array(word, { minLength: 1, maxLength: 4 }).map((all) => all.join(' ')),
        scp: fc.array(word, { maxLength: 4 }),
        aud: fc.oneof(fc.webUrl(), fc.array(fc.webUrl(), { maxLength: 2 })),
        act: fc.record({ sub: word }),
      },
      { requiredKeys: ['sub', 'client_id'] },
    ),
  )
  .map(([added, own]) => ({ ...without(added, new Set([...RESERVED, 'scope', 'scp', 'client_id', 'act'])), ...own }))

export const oauthHeader: fc.Arbitrary<Header> = fc.record({
  typ: fc.constantFrom('at+jwt', 'application/at+jwt'),
  cat: fc.constantFrom(undefined, CATEGORY.ignore, 'cl_B7d4PD444AAA'),
})

const RESERVED: ReadonlySet<string> = new Set('__proto__ iss sub iat nbf exp jti aud scopes'.split(' '))

function without(claims: Claims, names: ReadonlySet<string>): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.has(name)))
}
