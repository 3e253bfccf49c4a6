import { describe, expect, test } from 'vitest'
import { run } from '../src/command-line/command.js'
import type { Explanation } from '../src/explain/explain-token.js'
import { start } from './start.js'

/** The output of `explain` for this standard input. */
async function explain(input: string, argv: readonly string[] = []): Promise<string> {
  const out: string[] = []
  const code = await run(['explain', ...argv, '--url', 'http://127.0.0.1:1'], {
    out: (line) => out.push(line),
    err: (line) => out.push(line),
    env: {},
    input: async () => input,
    isTerminal: false,
    stopped: () => Promise.resolve(),
  })
  expect(code).toBe(0)
  return out.join('\n')
}

const REST = 'Zm9yLW5vYm9keXMtZXllcw'

describe('clerk-auth-local explain', () => {
  test.each([
    ['sk_test_', 'A Clerk secret key', 'It is not a token but a secret key', 'do not paste it anywhere'],
    ['sk_live_', 'A Clerk secret key', 'It is not a token but a secret key', 'full access to its instance'],
    ['pk_test_', 'A Clerk publishable key', 'It is not a token but a publishable key', 'CLERK_PUBLISHABLE_KEY'],
    ['pk_live_', 'A Clerk publishable key', 'It is not a token but a publishable key', '--publishable-key'],
    [
      'whsec_',
      'A webhook signing secret',
      'It is not a token but a webhook’s signing secret',
      'do not paste it anywhere',
    ],
  ])('identifies %s… as not a token, without printing its value', async (prefix, name, because, remedy) => {
    for (const input of [prefix + REST, `Authorization: Bearer ${prefix}${REST}\n`]) {
      const out = await explain(input)
      expect(out.split('\n')[0]).toBe(`${name}, not a token`)
      expect(out).toContain('401 token-malformed')
      expect(out).toContain(because)
      expect(out).toContain(remedy)
      expect(out).not.toContain(REST)
    }
    const json = await explain(prefix + REST, ['--json'])
    expect(JSON.parse(json)).toMatchObject({ form: 'malformed', kind: null, otherwise: name })
    expect(json).not.toContain(REST)
  })

  test.each(['sk_other', 'mysk_test_', 'nonsense'])('does not identify %s', async (input) => {
    const explanation = JSON.parse(await explain(input, ['--json'])) as Explanation
    expect(explanation).toMatchObject({
      otherwise: null,
      verdict: { because: expect.stringMatching(/^it has 1 part/) },
    })
  })

  test('identifies a secret key over HTTP', async () => {
    const local = await start()
    const response = await fetch(`${local.url}/_local/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: local.env.CLERK_SECRET_KEY }),
    })
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      title: 'A Clerk secret key, not a token',
      otherwise: 'A Clerk secret key',
      verdict: {
        code: 'token-malformed',
        because: 'it is not a token but a secret key, with which an API calls Clerk',
      },
    })
    expect(text).not.toContain(local.env.CLERK_SECRET_KEY)
  })
})
