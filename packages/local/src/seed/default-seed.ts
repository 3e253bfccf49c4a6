import type { Seed } from './seed.js'

/**
 * An admin, a member, an admin of another organization, and a user without an organization; and one of each kind of record
 * that no operation of the Backend API creates.
 */
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
      externalAccounts: [{ provider: 'oauth_google', scopes: ['email', 'profile'], token: 'ya29.local-google-token' }],
    },
    carol: {
      firstName: 'Carol',
      email: 'carol@globex.example',
      memberships: { globex: 'org:admin' },
      defaultOrganization: 'globex',
      totpSecret: 'JBSWY3DPEHPK3PXP',
      backupCodes: ['carol-code-1', 'carol-code-2'],
    },
    dave: {
      firstName: 'Dave',
      email: 'dave@example.com',
      memberships: {},
      passkeys: ['Laptop'],
      wallets: ['0x00000000000000000000000000000000000000da'],
    },
  },
  machines: {
    worker: { scopes: ['api'] },
    api: {},
    billing: {},
  },
  clients: {
    cli: {
      name: 'Command line',
      redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      scopes: ['openid', 'profile', 'email', 'offline_access', 'user:org:read'],
    },
    partner: {
      name: 'Partner',
      redirectUris: ['http://localhost:3000/callback'],
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      secret: 'local-secret-of-partner',
    },
  },
  plans: {
    free: { name: 'Free', payer: 'user' },
    plus: { name: 'Plus', payer: 'user', amount: 500, annualMonthlyAmount: 400, features: ['export'] },
    free_org: { name: 'Free', payer: 'org' },
    pro: {
      name: 'Pro',
      payer: 'org',
      amount: 2500,
      annualMonthlyAmount: 2000,
      features: ['invoices', 'reports'],
      freeTrialDays: 14,
    },
  },
  subscriptions: [
    { organization: 'acme', plan: 'pro' },
    { organization: 'globex', plan: 'pro', trial: true },
  ],
  statements: [{ organization: 'acme', payments: [{ status: 'paid' }] }],
  signUps: [{ emailAddress: 'erin@example.com' }],
} as const satisfies Seed

export type DefaultSeed = typeof defaultSeed
