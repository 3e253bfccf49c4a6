import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../bench/src/main.js', import.meta.url))

// What they measure means nothing here: the machine is busy with other tests.
test.each(['size', 'verify', 'repeated', 'mint', 'start'])(
  'the benchmark "%s" runs',
  async (table) => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--quick', table])
    expect(stdout).toMatch(/\n\| .* \|\n\| -/)
  },
  60_000,
)
