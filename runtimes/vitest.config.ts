import { defineConfig } from 'vitest/config'
import root from '../vitest.config.js'

const source = (path: string) => new URL(`./src/${path}`, import.meta.url).pathname
const { alias } = root.resolve as { alias: object[] }

// The tests of the contract as they are, with apps and instances that run in another runtime.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^\.\/targets\.js$/, replacement: source('targets.ts') },
      { find: '../contract/targets.js', replacement: source('targets.ts') },
      { find: /^@clerk-auth\/core$/, replacement: source('core.ts') },
      ...(alias as never[]),
    ],
  },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/contract/{contract,cookies,fresh,guards,machines}.test.ts', 'runtimes/test/*.test.ts'],
    globalSetup: 'runtimes/src/global-setup.ts',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    fileParallelism: false,
    isolate: false,
  },
})
