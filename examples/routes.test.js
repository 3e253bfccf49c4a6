// Every route is guarded or public on purpose, and the guards accept the right callers.
import { expectGuarded } from '@clerk-auth/local/testing'
import { it } from 'vitest'

it('guards every route', async () => {
  await expectGuarded(() => import('./routes.js'))
})
