import { basename } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import config from '../../vitest.config.js'

const mutated = basename(process.env['MUTATED_FILE'] ?? '')

/** The tests that are named like the mutated file come first: they are the ones that notice, and the rest is not run then. */
class OwnTestsFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const sorted = await super.sort(files)
    const isOwn = ({ moduleId }: (typeof files)[number]) => mutated.startsWith(basename(moduleId, '.test.ts'))
    return [...sorted.filter(isOwn), ...sorted.filter((file) => !isOwn(file))]
  }
}

const { projects: _, ...shared } = config.test ?? {}

/** The unit tests of core alone: they have to notice. Each file is isolated. */
export default {
  ...config,
  cacheDir: '.vite',
  test: {
    ...shared,
    include: ['packages/core/test/**/*.test.ts'],
    sequence: { sequencer: OwnTestsFirst },
  },
}
