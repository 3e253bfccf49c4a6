import type { Directory } from '../people/directory.js'
import type { Machines } from './machines.js'

/** Whether the subject of a token or key, a user, organization or machine, still exists. */
export type IsSubject = (id: string) => boolean

export function createIsSubject({ users, organizations }: Directory, machines: Machines): IsSubject {
  return (id) => [users, organizations, machines].some(({ byId }) => byId(id) !== undefined)
}
