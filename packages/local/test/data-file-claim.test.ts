import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { openDataFile, type DataFile } from '../src/state/data-file.js'
import { newFolder, scriptOf } from './data-files.js'

const newPath = () => join(newFolder(), 'clerk.db')

function open(path: string): DataFile {
  const file = openDataFile(path)
  onTestFinished(file.close)
  return file
}

function child(script: string, ...args: readonly string[]): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const started = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void started.kill('SIGKILL'))
  return started
}

const HOLDER = `
  import { spawn } from 'node:child_process'
  const file = openDataFile(process.argv[2])
  const { pid } = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  console.log(pid)
  setInterval(() => file, 1000)`

test('a data file is used by one instance at a time in a process, also through a symbolic link', () => {
  const path = newPath()
  const first = open(path)
  symlinkSync(path, `${path}-link`)
  for (const name of [path, `${path}-link`])
    expect(() => openDataFile(name)).toThrow(
      `the data file ${name} cannot be used: another instance in this process is using it: close that instance`,
    )
  first.close()
  expect(existsSync(`${path}.pid`)).toBe(false)
  open(`${path}-link`) // not refused as a claim of this process
})

test(
  'a data file is used by one process at a time, and is free once that is killed, even if its child lives on',
  { timeout: 20_000 },
  async () => {
    const path = newPath()
    const holder = child(scriptOf(HOLDER), path)
    const [line] = (await once(holder.stdout, 'data')) as [Buffer]
    onTestFinished(() => void process.kill(Number(line), 'SIGKILL'))
    expect(() => openDataFile(path)).toThrow(
      `the data file ${path} cannot be used: process ${holder.pid} on ${hostname()} is using it: stop that process`,
    )
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(existsSync(`${path}.pid`)).toBe(true)
    open(path)
  },
)

test.each([
  ['a live process of another program', () => String(spawned().pid)],
  ['a live process of another program, with the host name', () => `${spawned().pid} ${hostname()}\n`],
  ['process 1, as in a container', () => `1 ${hostname()}\n`],
  ['this process', () => `${process.pid} ${hostname()}\n`],
  ['a process that was killed while it claimed the file', () => ''],
])('a claim left behind with the process id of %s does not block the file', (_name, claim) => {
  const path = newPath()
  writeFileSync(`${path}.pid`, claim())
  open(path)
  expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${process.pid} ${hostname()}\n`)
})

function spawned(): ChildProcess {
  const sleeper = spawn('sleep', ['60'])
  onTestFinished(() => void sleeper.kill())
  return sleeper
}

test('a hard link does not let in a second instance, and is refused with the reason', () => {
  const path = newPath()
  const first = open(path)
  first.begin([])
  linkSync(path, `${path}-link`)
  const reason = 'it has a second name, a hard link: delete the link, or use a copy'
  for (const name of [path, `${path}-link`])
    expect(() => openDataFile(name)).toThrow(`the data file ${name} cannot be used: ${reason}`)
  rmSync(`${path}-link`)
  first.close()
  open(path)
})

test('a file is claimed by exactly one of many processes that start together', { timeout: 20_000 }, async () => {
  const folder = newFolder()
  const script = scriptOf(`
    const [folder, start] = process.argv.slice(2)
    for (let round = 0; round < 20; round++) {
      while (Date.now() < Number(start) + round * 60);
      try { claimFile(folder + '/db' + round); console.log(round) } catch {}
    }
    console.log('done')
    setInterval(() => {}, 1000)`)
  for (let round = 0; round < 20; round += 2) writeFileSync(join(folder, `db${round}.pid`), '999999999')
  const start = String(Date.now() + 1000)
  const children = Array.from({ length: 6 }, () => child(script, folder, start))
  const outputOf = async ({ stdout }: (typeof children)[number]) => {
    let out = ''
    for await (const chunk of stdout) {
      out += String(chunk)
      if (out.endsWith('done\n')) break
    }
    return out.replace('done\n', '')
  }
  const claims = (await Promise.all(children.map(outputOf))).join('').trim().split('\n')
  expect(claims.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, round) => round))
})

test('a file is never claimed twice while processes claim and release it', { timeout: 20_000 }, async () => {
  const path = newPath()
  const script = scriptOf(`
    import { mkdirSync, rmdirSync } from 'node:fs'
    const end = Date.now() + 1500
    let claims = 0
    while (Date.now() < end) {
      let release
      try { release = claimFile(process.argv[2]) } catch { continue }
      mkdirSync(process.argv[2] + '-held') // fails if another process holds the claim
      rmdirSync(process.argv[2] + '-held')
      release()
      claims++
    }
    console.log(claims)`)
  const children = Array.from({ length: 4 }, () => child(script, path))
  const claims = await Promise.all(children.map(async ({ stdout }) => text(stdout)))
  for (const claim of claims) expect(claim).toMatch(/^[0-9]+\n$/)
  expect(Math.max(...claims.map(Number))).toBeGreaterThan(0)
})

test('a file beside it that is not a claim is left alone', () => {
  const path = newPath()
  writeFileSync(`${path}.pid`, 'packages:\n')
  expect(() => openDataFile(path)).toThrow(`${path}.pid exists and belongs to something else: use another path`)
  expect(readFileSync(`${path}.pid`, 'utf8')).toBe('packages:\n')
})

test('a claim that replaced its own is left alone on close', () => {
  const path = newPath()
  const file = open(path)
  rmSync(`${path}.pid`)
  writeFileSync(`${path}.pid`, '1 other\n')
  file.close()
  expect(readFileSync(`${path}.pid`, 'utf8')).toBe('1 other\n')
})

test.skipIf(process.platform !== 'linux')('a file is refused if the command that locks it is missing', async () => {
  const path = newPath()
  const script = scriptOf('try { openDataFile(process.argv[2]) } catch (error) { console.log(error.message) }')
  const started = spawn(process.execPath, [script, path], { env: { PATH: '' }, stdio: ['ignore', 'pipe', 'inherit'] })
  expect(await text(started.stdout)).toBe(
    `the data file ${path} cannot be used: the command "flock" is needed to lock it: install util-linux\n`,
  )
})
