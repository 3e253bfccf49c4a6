import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${packageFolder}README.md`, 'utf8')
const [example = '', ...fragments] = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code ?? '')

describe.skipIf(!existsSync(`${packageFolder}dist/index.js`))('the README', () => {
  test('has a complete example that runs', async () => {
    expect(await runModule(example)).toBe('')
  })

  test('has fragments that run with an instance', async () => {
    expect(fragments).toHaveLength(9)
    const start = `import { startLocalClerk } from '@clerk-auth/local'\nconst local = await startLocalClerk()\n`
    expect(await runModule(`${start}${fragments.join('\n')}\nawait local.close()`)).toBe('')
  })
})

async function runModule(code: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: packageFolder,
  })
  return stdout + stderr
}
