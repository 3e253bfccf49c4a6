import type { Seed } from './seed.js'

/** An admin, a member, an admin of another organization, and a user without an organization. */
export const defaultSeed = {
  organizations: {
    acme: { name: 'Acme', features: ['invoices', 'reports'] },
    globex: { name: 'Globex', features: ['invoices', 'reports'] },
  },
  roles: {
    'org:admin': ['org:invoices:create', 'org:invoices:read', 'org:reports:read'],
    'org:member': ['org:invoices:read'],
  },
  people: {
    alice: {
      firstName: 'Alice',
      email: 'alice@acme.example',
      memberships: { acme: 'org:admin' },
      defaultOrganization: 'acme',
    },
    bob: {
      firstName: 'Bob',
      email: 'bob@acme.example',
      memberships: { acme: 'org:member' },
      defaultOrganization: 'acme',
    },
    carol: {
      firstName: 'Carol',
      email: 'carol@globex.example',
      memberships: { globex: 'org:admin' },
      defaultOrganization: 'globex',
    },
    dave: { firstName: 'Dave', email: 'dave@example.com', memberships: {} },
  },
  machines: {
    worker: { scopes: ['api'] },
    api: {},
    billing: {},
  },
  clients: {
    cli: { name: 'Command line' },
    partner: { name: 'Partner' },
  },
} as const satisfies Seed

export type DefaultSeed = typeof defaultSeed
