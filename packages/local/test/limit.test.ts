import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limit } from '../src/support/limit.js'

test('runs at most the given number of tasks at a time, in order, also after one fails', async () => {
  const limited = limit(2)
  const started: number[] = []
  let [running, most] = [0, 0]
  const tasks = [0, 1, 2, 3, 4, 5].map((i) =>
    limited(async () => {
      started.push(i)
      most = Math.max(most, ++running)
      await setTimeout(1)
      running -= 1
      if (i === 1) throw new Error('no')
      return i
    }),
  )
  const results = await Promise.allSettled(tasks)
  expect([most, running, started]).toEqual([2, 0, [0, 1, 2, 3, 4, 5]])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array<string>(4).fill('fulfilled')])
})
