import type { Apis, Arguments } from './fresh.js'
import { createSession, invite } from './made.js'

const EMAIL = {
  to: { address: 'alice@acme.example' },
  from: { address: 'support@acme.example' },
  subject: 'Your receipt',
  text: 'Thanks for your order.',
}

/** All other methods, with arguments: the instance does not have their operations. */
export const UNSUPPORTED = {
  __experimental_accountlessApplications: {
    createAccountlessApplication: () => [],
    completeAccountlessApplicationOnboarding: () => [],
  },
  agentTasks: {
    create: ({ alice }) => [
      {
        onBehalfOf: { userId: alice },
        permissions: '*',
        agentName: 'agent',
        taskDescription: 'test',
        redirectUrl: 'http://localhost:3000',
      },
    ],
    revoke: () => ['x'],
  },
  // It posts to a path that is not in the specification.
  betaFeatures: { changeDomain: () => [{ homeUrl: 'https://acme.example' }] },
  clients: { getHandshakePayload: () => [{ nonce: 'x' }] },
  emails: {
    create: () => [EMAIL],
    createBatch: () => [[EMAIL]],
    get: () => ['x'],
  },
  enterpriseConnections: {
    createEnterpriseConnection: () => [{ name: 'Example', domains: ['sso.example'], provider: 'saml_custom' }],
    updateEnterpriseConnection: () => ['x', { name: 'Example' }],
    getEnterpriseConnectionList: () => [],
    getEnterpriseConnection: () => ['x'],
    deleteEnterpriseConnection: () => ['x'],
  },
  invitations: { deleteInvitation: async (it) => [(await invite(it)).id] },
  // Clerk itself has removed it.
  sessions: { verifySession: async (it) => [(await createSession(it)).id, 'x'] },
  users: {
    replaceUserEmailAddress: ({ alice }) => [alice, { emailAddress: 'alice@home.example' }],
    replaceUserPhoneNumber: ({ alice }) => [alice, { phoneNumber: '+12025550100' }],
    removePassword: ({ alice }) => [alice],
    setPasswordCompromised: ({ alice }) => [alice],
    unsetPasswordCompromised: ({ alice }) => [alice],
  },
  waitlistEntries: { createBulk: () => [[{ emailAddress: 'frank@acme.example' }]] },
} satisfies { readonly [Api in keyof Apis]?: { readonly [Name in keyof Apis[Api]]?: Arguments<Apis[Api][Name]> } }
