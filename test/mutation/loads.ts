/// <reference types="vite/types/importMeta.d.ts" />
import { expect, it } from 'vitest'

const sources = import.meta.glob('../../packages/core/src/*.ts')

// A file that does not even load fails no test, for there are none then. So there is one that loads it.
it('the mutated file loads', async () => {
  const load = sources[`../../packages/core/src/${process.env['MUTATED_FILE']}.ts`]
  await expect(load?.()).resolves.toBeDefined()
})
