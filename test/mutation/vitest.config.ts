import { basename } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import config from '../../vitest.config.js'

const mutated = basename(process.env['MUTATED_FILE'] ?? '')

/** Runs the tests named like the mutated file first: they usually fail, and then the others are skipped. */
class OwnTestsFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const sorted = await super.sort(files)
    const isOwn = ({ moduleId }: (typeof files)[number]) => mutated.startsWith(basename(moduleId, '.test.ts'))
    return [...sorted.filter(isOwn), ...sorted.filter((file) => !isOwn(file))]
  }
}

const { projects: _, ...shared } = config.test ?? {}

/** Only the unit tests of core, which must fail for each mutant. Each file is isolated. */
export default {
  ...config,
  cacheDir: '.vite',
  test: {
    ...shared,
    include: ['packages/core/test/**/*.test.ts'],
    sequence: { sequencer: OwnTestsFirst },
  },
}
