// Builds the packages, and prints one line. The log of the build is printed only if it fails.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const turbo = resolve(root, 'node_modules/.bin', process.platform === 'win32' ? 'turbo.cmd' : 'turbo')

process.stdout.write('build the packages, which takes a minute or two the first time … ')
const startedAt = performance.now()
const child = spawn(turbo, ['run', 'build'], { cwd: root, shell: process.platform === 'win32' })
/** @type {Buffer[]} */
const log = []
for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(chunk))
const [code] = await once(child, 'close')
console.log(code === 0 ? `${((performance.now() - startedAt) / 1000).toFixed(1)} s` : 'failed')
if (code !== 0) process.stderr.write(Buffer.concat(log))
process.exitCode = code ?? 1
